/** What a claim is about, as the posture page groups it. */
export type ClaimArea =
  | 'access'
  | 'sessions'
  | 'isolation'
  | 'browsers'
  | 'limits'
  | 'secrets'
  | 'upstreams'
  | 'operation';

/** One sentence of the posture page. It is shown as proven only while its probe proves it. */
export interface Claim {
  /** The control's stable id, such as `SB1`. */
  readonly id: string;
  readonly area: ClaimArea;
  /** One plain sentence that is true of every gate on which the probe succeeds. */
  readonly claim: string;
  /** OWASP ASVS 5.0.0 requirement ids. */
  readonly asvs: readonly string[];
  /** SOC 2 common criteria (AICPA TSC 2017). */
  readonly soc2: readonly string[];
}
