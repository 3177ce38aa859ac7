/** Why a policy does not load: where in the configuration, what is wrong, and what would help. */
export interface PolicyProblem {
  /** The configuration line's path, such as `routes[2].path`. */
  readonly config: string;
  readonly message: string;
  readonly hint: string;
}
