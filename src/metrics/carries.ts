// Which series a selection of tags takes in. What `setup` and `teardown` did is no part of the load, so only a selection
// that names its user or its task takes it in. Whatever of this folder sums or selects series asks here.

import { suiteAsUser, type Tags } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';

/** The tags that a series must carry for a threshold: a stage is a time of its scenario, a fault one of the run, and no tag of a series. */
export function selectedTags({ tags, windows }: Pick<ThresholdPlan, 'tags' | 'windows'>): Tags {
  if (
    windows?.outside !== undefined ||
    (windows?.stage !== undefined && windows.stage.scenario === undefined)
  ) {
    const { fault: _, ...others } = tags;
    return others;
  }
  if (windows?.stage?.scenario === undefined) return tags;
  const { stage: _, ...others } = tags;
  return { ...others, scenario: windows.stage.scenario };
}

/** Whether a series is of `setup` or `teardown`: the suite itself is its user, and it belongs to no scenario. */
export function isBesideLoad({ user, scenario }: Tags): boolean {
  return user === suiteAsUser && scenario === undefined;
}

export function carries(tags: Tags, wanted: Tags): boolean {
  for (const name in wanted) if (tags[name] !== wanted[name]) return false;
  return wanted.task !== undefined || wanted.user !== undefined || !isBesideLoad(tags);
}
