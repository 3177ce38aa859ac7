import { runCli } from './cli.ts';
import { cliDeps } from './cli-deps.ts';

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  isTty: process.stdout.isTTY,
  nowMs: () => Date.now(),
};

process.exitCode = await runCli(process.argv.slice(2), io, cliDeps(io));
