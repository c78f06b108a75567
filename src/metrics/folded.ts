// Whether some of what a selection would take in was counted under `(other)`, as there were more names and tags than a
// worker keeps apart. The collector asks at the end of a run: of such a selection nobody knows the figures.

import { otherValues, type SeriesDefinition, type Tags } from '../model/metric.ts';
import { outcomeTags } from '../protocols/registry.ts';

/** `byWorker` are the series of each worker: what one of them keeps apart another one may not. */
export function isFolded(
  { metric, tags }: { readonly metric: string; readonly tags: Tags },
  byWorker: Iterable<readonly SeriesDefinition[]>,
): boolean {
  const names = Object.keys(tags).filter((name) => tags[name] !== otherValues);
  if (names.length === 0) return false;
  for (const all of byWorker) {
    const series = all.filter((one) => one.metric === metric);
    for (const { tags: own } of series) {
      const folded = names.filter((name) => own[name] === otherValues);
      if (folded.length === 0) continue;
      if (!names.every((name) => own[name] === tags[name] || own[name] === otherValues)) continue;
      // A value that is kept apart beside it is in none of the others there.
      const place = placeOf(own, folded);
      const isKept = series.some(
        ({ tags: beside }) =>
          folded.every((name) => beside[name] === tags[name]) && placeOf(beside, folded) === place,
      );
      if (!isKept) return true;
    }
  }
  return false;
}

function placeOf(tags: Tags, without: readonly string[]): string {
  const names = Object.keys(tags).filter((name) => !outcomeTags.has(name) && !without.includes(name));
  return JSON.stringify(names.sort().map((name) => [name, tags[name]]));
}
