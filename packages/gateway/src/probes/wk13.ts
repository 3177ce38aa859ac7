import { demand, probe } from './probe.ts';

const BODY_BYTES_MAX = 1024 * 1024;
const TARGET_BYTES = 9_000;
const HEAD_BYTES = 20_000;

/** Sends what is too large: a body, declared and in chunks, a target, a head. */
export const wk13 = probe('WK13', ['body-size'], async ({ mirror, real, running }) => {
  const session = await mirror.signIn(mirror.names.role);
  const path = `${mirror.names.open}/upload`;
  const before = mirror.sink.whole();
  const declared = await session.bearer.send({
    method: 'POST',
    path,
    headers: { 'content-length': String(BODY_BYTES_MAX + 1), expect: '100-continue' },
  });
  demand(declared.status === 413, `A body that is declared too large was answered ${declared.status}.`);
  const chunked = await session.bearer.send({
    method: 'POST',
    path,
    headers: { 'transfer-encoding': 'chunked', expect: '100-continue' },
    body: 'x'.repeat(BODY_BYTES_MAX + 1),
  });
  demand(chunked.status === 413, `A body in chunks that is too large was answered ${chunked.status}.`);
  const target = await session.bearer.send({ path: `${path}?q=${'x'.repeat(TARGET_BYTES)}` });
  demand(target.status === 414, `A target of ${TARGET_BYTES} bytes was answered ${target.status}.`);
  demand(mirror.sink.whole() === before, 'A request that is too large reached the application whole.');
  const head = await real.send({ path: '/health/live', headers: { 'x-sg-probe': 'x'.repeat(HEAD_BYTES) } });
  const { headersBytesMax } = running.config();
  demand(
    head.status === 431 || headersBytesMax > HEAD_BYTES,
    `A head of ${HEAD_BYTES} bytes was answered ${head.status}.`,
  );
  return 'Bodies beyond a mebibyte, declared or not, long targets and long heads are refused; the application got none of them whole.';
});
