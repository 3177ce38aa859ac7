import { AUDIT_COMMANDS } from './audit.ts';
import { BLOCK_COMMANDS } from './block.ts';
import { CHECK_COMMAND } from './check.ts';
import type { CliCommand } from './command.ts';
import { DB_COMMANDS } from './db.ts';
import { DOCTOR_COMMAND } from './doctor.ts';
import { EXPLAIN_COMMAND } from './explain.ts';
import { INVITE_COMMANDS } from './invite.ts';
import { KEY_COMMANDS } from './key.ts';
import { METRICS_COMMAND } from './metrics.ts';
import { OWNER_COMMANDS } from './owner.ts';
import { POSTURE_COMMAND } from './posture.ts';
import { REPLAY_COMMAND } from './replay.ts';
import { SCHEMA_COMMANDS } from './schema.ts';
import { SECRETS_COMMANDS } from './secrets.ts';
import { SESSION_COMMANDS } from './session.ts';
import { START_COMMAND } from './start.ts';
import { TENANT_COMMANDS } from './tenant.ts';
import { UPSTREAM_COMMANDS } from './upstream.ts';
import { USER_COMMANDS } from './user.ts';
import { WAF_COMMANDS } from './waf.ts';

/** Every command of the program, in the order in which help lists them. */
export const COMMANDS: readonly CliCommand[] = [
  START_COMMAND,
  CHECK_COMMAND,
  DOCTOR_COMMAND,
  EXPLAIN_COMMAND,
  REPLAY_COMMAND,
  ...WAF_COMMANDS,
  POSTURE_COMMAND,
  METRICS_COMMAND,
  ...INVITE_COMMANDS,
  ...USER_COMMANDS,
  ...SESSION_COMMANDS,
  ...KEY_COMMANDS,
  ...BLOCK_COMMANDS,
  ...OWNER_COMMANDS,
  ...TENANT_COMMANDS,
  ...UPSTREAM_COMMANDS,
  ...AUDIT_COMMANDS,
  ...SCHEMA_COMMANDS,
  ...SECRETS_COMMANDS,
  ...DB_COMMANDS,
];
