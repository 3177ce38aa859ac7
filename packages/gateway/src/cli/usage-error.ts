/** The command line, or what it names, makes no sense: exit code 2. The message holds no values, only names. */
export class UsageError extends Error {
  /** The command whose help would say more. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.name = 'UsageError';
    this.command = command;
  }
}
