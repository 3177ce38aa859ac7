import type { ProblemCode } from '@steadygate/core';

/** Why an operator's command was not done. The message is for the operator and holds no secret. */
export class OperatorRefusal extends Error {
  readonly code: OperatorRefusalCode;

  constructor(code: OperatorRefusalCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'OperatorRefusal';
    this.code = code;
  }
}

export type OperatorRefusalCode =
  | ProblemCode
  /** The command needs a running server. */
  | 'no-server'
  /** Nothing was ever kept in this directory. */
  | 'no-data'
  /** The configuration does not load. */
  | 'config-invalid'
  /** The control socket cannot be made or does not speak as expected. */
  | 'socket-unusable';
