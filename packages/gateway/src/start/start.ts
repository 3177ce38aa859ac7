import type { StartOptions } from '../cli/deps.ts';
import { authority } from '../config/address.ts';
import { formatConfigProblem } from '../config/config-problem.ts';
import { type BoundAddresses, withBound } from '../config/overrides.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { locateProblems } from '../config/policy-problems.ts';
import { type ConfigWatch, watchConfig } from '../config/watch.ts';
import { composeGate, type Gate, PolicyError } from '../compose.ts';
import { failureText, operatorDeps } from '../compose/operator.ts';
import { telemetryOf } from '../compose/telemetry.ts';
import { demoFolder, type DemoUpstream, startDemoUpstream } from '../demo/demo-upstream.ts';
import { LineBatch } from '../log/line-batch.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { prettySink } from '../log/pretty.ts';
import { OPERATOR_COMMANDS } from '../operator/commands.ts';
import { type OperatorSocket, serveOperator } from '../operator/socket.ts';
import { VERSION } from '../version.ts';
import { join } from 'node:path';
import { type Checked, fileOf, loadSource, refuseFixed } from './load-source.ts';
import { listen } from './listen.ts';
import { bindMetrics } from './metrics-listener.ts';
import { jsonOutput, type StartOutput, textOutput } from './output.ts';
import { posture } from './posture.ts';
import { announce } from './announce.ts';

/** The process around the server. */
export interface StartIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTty: boolean;
}

interface Launch {
  readonly options: StartOptions;
  readonly io: StartIo;
  readonly output: StartOutput;
  readonly demo: DemoUpstream | undefined;
  readonly demoFile: string | undefined;
}

/** Serves until SIGTERM or SIGINT; then finishes what runs. Resolves with the exit code: 2 when it could not start. */
export async function start(options: StartOptions, io: StartIo): Promise<0 | 2> {
  const output = options.isJson ? jsonOutput(io.stdout, io.stderr) : textOutput(io.stdout, io.stderr, VERSION);
  const demoDir = options.source.kind === 'demo' ? demoFolder() : undefined;
  if (options.source.kind === 'demo' && demoDir === undefined) {
    output.failure(['There is nothing to serve: name a configuration (--config) or an upstream (--upstream URL).']);
    return 2;
  }
  const demo = demoDir === undefined ? undefined : await startDemoUpstream(demoDir, (code) => demoEnded(output, code));
  try {
    const demoFile = demoDir === undefined ? undefined : join(demoDir, 'steadygate.yaml');
    return await launch({ options, io, output, demo, demoFile });
  } finally {
    demo?.stop();
  }
}

async function launch(launch: Launch): Promise<0 | 2> {
  const { options, io, output } = launch;
  const checked = check(launch);
  if (!checked.ok) {
    output.failure(checked.lines);
    return 2;
  }
  for (const warning of checked.warnings) output.notice(warning);
  const logger = loggerOf(options, io, checked.loaded);
  const gate = await compose(launch, checked.loaded, logger);
  if (gate === undefined) return 2;
  const stopped = stopSignal();
  try {
    return await serve(launch, { gate, logger, files: checked.files, started: checked.loaded, stopped });
  } finally {
    await gate.close();
  }
}

function check({ options, io, demo, demoFile }: Launch): Checked {
  return loadSource(options, demoFile, { ...io.env, ...demo?.variables });
}

/** Logs go to stderr, or to stdout as JSON lines where that was asked for. */
function loggerOf(options: StartOptions, io: StartIo, loaded: LoadedConfig): Logger {
  const { level } = loaded.config.log;
  const batch = new LineBatch(options.isJson ? io.stdout : io.stderr);
  // However it ends: a bug's last lines tell most.
  process.on('exit', () => batch.flush());
  const isForPeople = !options.isJson && (io.isTty || loaded.config.environment === 'development');
  return createLogger({ level, destination: isForPeople ? prettySink(batch) : batch });
}

async function compose(launch: Launch, loaded: LoadedConfig, logger: Logger): Promise<Gate | undefined> {
  const { options, io, output, demoFile } = launch;
  const { dataDir, source } = options;
  const isDevelopment = loaded.config.environment === 'development';
  try {
    const passesKeptOneIn = isDevelopment ? 1 : 100;
    const prove = posture({ gate: () => gate, dataDir, env: io.env, configFile: fileOf(source, demoFile) });
    const telemetry = await telemetryOf(io.env, { logger, notice: output.notice });
    const gate: Gate = await composeGate({ loaded, dataDir, logger, passesKeptOneIn, posture: prove, telemetry });
    return gate;
  } catch (cause) {
    const text = failureText(cause);
    if (cause instanceof PolicyError) output.failure(locateProblems(cause.problems, loaded).map(formatConfigProblem));
    else if (text === undefined) throw cause;
    else output.failure([text]);
    return undefined;
  }
}

interface Serving {
  readonly gate: Gate;
  readonly logger: Logger;
  readonly files: readonly string[];
  /** As the file had it, before ports were bound. */
  readonly started: LoadedConfig;
  readonly stopped: Promise<void>;
}

async function serve(launch: Launch, serving: Serving): Promise<0 | 2> {
  const { options, io, output } = launch;
  const { gate, logger } = serving;
  const bound = await bind(gate);
  if ('failure' in bound) {
    output.failure([bound.failure]);
    return 2;
  }
  const scraped = await bindMetrics(gate);
  if ('failure' in scraped) {
    output.failure([scraped.failure]);
    return 2;
  }
  // Names and origins hold the port: the one that the system chose is known only now.
  await gate.reload(withBound(gate.runtime.loaded, bound));
  const socket = await openSocket(launch, serving);
  const watch = watchFor(launch, serving, bound);
  await announce({ gate, options, output, isTty: io.isTty, url: `${schemeOf(gate)}://${authority(bound.main)}/` });
  if (scraped.address !== undefined) logger.info({ address: scraped.address }, 'metrics are served');
  const onHangup = (): void => void watch?.reload();
  process.on('SIGHUP', onHangup);
  await serving.stopped;
  process.off('SIGHUP', onHangup);
  logger.info('stopping');
  watch?.close();
  scraped.close();
  await socket?.close();
  return 0;
}

async function bind({ dataPlane, controlListener, runtime }: Gate): Promise<BoundAddresses | { failure: string }> {
  const main = await listen(dataPlane.server, runtime.config.listen);
  if ('failure' in main) return main;
  const { control } = runtime.config;
  if (controlListener === undefined || control === undefined) return { main, control: undefined };
  const bound = await listen(controlListener.server, control);
  return 'failure' in bound ? bound : { main, control: bound };
}

async function openSocket(launch: Launch, { gate, logger }: Serving): Promise<OperatorSocket | undefined> {
  const { options, output } = launch;
  const { store, desk, blockDesk, decisions, runtime, unconfirmed } = gate;
  const settings = () => ({ config: runtime.config, publicUrl: runtime.publicOrigin() });
  const endpoint = {
    commands: OPERATOR_COMMANDS,
    deps: operatorDeps({
      store,
      desk,
      blockDesk,
      decisions,
      settings,
      unconfirmed,
      posture: gate.posture,
      upstreams: () => gate.upstreams.views(),
      metrics: gate.metrics.read,
    }),
    onBug: (cause: unknown, requestId: string) => logger.error({ cause, requestId }, 'a bug in an operator command'),
  };
  try {
    return await serveOperator({ dataDir: options.dataDir }, endpoint);
  } catch (cause) {
    // The gate serves all the same; its operator is told what would help.
    output.notice(cause instanceof Error ? cause.message : String(cause));
    return undefined;
  }
}

function watchFor(launch: Launch, serving: Serving, bound: BoundAddresses): ConfigWatch | undefined {
  const { gate, logger, files, started } = serving;
  const file = fileOf(launch.options.source, launch.demoFile);
  if (file === undefined) return undefined;
  let checked: Checked | undefined;
  return watchConfig({
    file,
    files,
    load: () => {
      checked = refuseFixed(check(launch), started);
      if (!checked.ok) return { ok: false, problems: [], files: checked.files };
      return { ok: true, loaded: withBound(checked.loaded, bound), files: checked.files };
    },
    onResult: async (result) => {
      const lines = result.ok ? await reload(gate, result.loaded) : checked?.ok === false ? checked.lines : [];
      gate.metrics.reloaded(lines.length === 0 ? 'taken' : 'refused');
      if (lines.length === 0) logger.info({ generation: gate.runtime.current().number }, 'configuration reloaded');
      else logger.error({ problems: lines }, 'the configuration was not reloaded: the one before stays in force');
    },
    onError: (cause) => logger.error({ cause }, 'the configuration was not reloaded'),
  });
}

async function reload(gate: Gate, loaded: LoadedConfig): Promise<readonly string[]> {
  return locateProblems(await gate.reload(loaded), loaded).map(formatConfigProblem);
}

/** The first signal asks to stop; a second one ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const ask = (): void => {
      if (isAsked) process.exit(1);
      isAsked = true;
      resolve();
    };
    process.on('SIGTERM', ask).on('SIGINT', ask);
  });
}

function schemeOf(gate: Gate): 'http' | 'https' {
  return gate.runtime.config.tls?.kind === 'files' ? 'https' : 'http';
}

function demoEnded(output: StartOutput, code: number | null): void {
  output.notice(`The demo application ended (${code ?? 'by a signal'}): the gate answers 502 for it.`);
}
