// What a replacement for a lost worker is told so that it goes on where that one was, as far as anybody knows:
// workers report it with every window, the coordinator keeps it, the scenarios' runners start from it.

/**
 * How far one worker has come with iterations whose number is fixed, at the end of a window. What it did
 * later is not known to anybody when it is lost, and is done again.
 */
export type ScenarioProgress =
  /** per-vu-iterations: how many each VU of the worker has completed or dropped, in the order of `segmentVus`. */
  | { readonly kind: 'settled'; readonly counts: Uint32Array }
  /** shared-iterations: numbers from `next` on are not taken; those `open` were taken and not completed. */
  | { readonly kind: 'store'; readonly next: number; readonly open: readonly number[] };

/** Where a replacement takes up the plan. */
export interface Resume {
  /** 1 for the first replacement of a worker, then 2, 3: what it draws must not repeat what was drawn before. */
  readonly generation: number;
  /** Run time at which the lost process was gone. */
  readonly lostAtMs: number;
  /** One entry per scenario of the plan; empty when the lost worker never reported any. */
  readonly progress: readonly (ScenarioProgress | null)[];
}

/** The same for one scenario. */
export interface ScenarioResume {
  readonly generation: number;
  readonly lostAtMs: number;
  /** Run time from which the replacement drives load. */
  readonly atMs: number;
  readonly progress: ScenarioProgress | null;
}

/** Parts that set the random streams of a replacement apart; none for a worker of the start. */
export function generationParts(resume: ScenarioResume | undefined): number[] {
  return resume === undefined ? [] : [resume.generation];
}
