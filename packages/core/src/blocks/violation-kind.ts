/** What feeds the blocker (T13). Guards say it of their refusals; whatever else is refused is none. */
export type ViolationKind = 'attack' | 'prompt' | 'text' | 'sensitive-path' | 'credential';
