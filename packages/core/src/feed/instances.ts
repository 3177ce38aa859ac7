/** An instance that is silent for so long serves public routes only, and some seconds are for clocks that disagree. */
const LIVE_MS = 65_000;

/** What an instance last said of itself. */
export interface InstanceReport {
  readonly id: string;
  /** The number of the newest event that it has heard and acted on. */
  readonly seenSeq: number;
  readonly seenAtMs: number;
}

/** Whether an instance may still serve what needs the state (T11). */
export function isLiveInstance({ seenAtMs }: InstanceReport, nowMs: number): boolean {
  return nowMs - seenAtMs < LIVE_MS;
}

/** The other instances that may still serve what needs the state. */
export function liveOthers<Report extends InstanceReport>(
  reports: readonly Report[],
  at: { readonly selfId: string | undefined; readonly nowMs: number },
): readonly Report[] {
  return reports.filter((report) => report.id !== at.selfId && isLiveInstance(report, at.nowMs));
}

/** Which other instances may not have acted yet on the event with number `seq` (T11). */
export function unconfirmedInstances<Report extends InstanceReport>(
  reports: readonly Report[],
  at: { readonly seq: number; readonly selfId: string | undefined; readonly nowMs: number },
): readonly Report[] {
  return liveOthers(reports, at).filter(({ seenSeq }) => seenSeq < at.seq);
}

/** Events up to this number are known to every live instance; `newest` when there is none. */
export function seenByAll(reports: readonly InstanceReport[], newest: number, nowMs: number): number {
  const live = reports.filter((report) => isLiveInstance(report, nowMs));
  return Math.min(newest, ...live.map(({ seenSeq }) => seenSeq));
}
