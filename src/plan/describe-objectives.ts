// The objectives of a plan as lines: what the run will have to show, with a status that is to be determined. Called by
// describe.ts.

import type { ObjectivePlan } from '../model/objective.ts';
import type { Plan } from '../model/plan.ts';
import { formatCount } from '../text/format-figure.ts';

const widestTitle = 40;
const widestLimit = 46;

/** No line for a plan without objectives. */
export function objectiveLines({ objectives = [] }: Plan): string[] {
  if (objectives.length === 0) return [];
  const total = objectives
    .filter(({ isElsewhere }) => isElsewhere !== true)
    .reduce((sum, { weight }) => sum + weight, 0);
  const titleWidth = Math.min(widestTitle, Math.max(...objectives.map(({ title }) => title.length)));
  const lines = objectives.flatMap((one) => {
    const [first = '', ...others] = limitsOf(one);
    const weight = one.isElsewhere !== true && one.weight !== 1 ? `  weight ${one.weight}` : '';
    const title = one.title.length > titleWidth ? `${one.title.slice(0, titleWidth - 1)}…` : one.title;
    const lead = `  TBD  ${title.padEnd(titleWidth)}  `;
    return [`${lead}${first}${weight}`, ...others.map((line) => `${' '.repeat(lead.length)}${line}`)];
  });
  const sum = Number.isInteger(total) ? formatCount(total) : String(Number(total.toFixed(3)));
  return [`Objectives: compliance is scored over them, weights ${sum} in all`, ...lines];
}

/** One line for each series of an objective: `http_req_duration  p(95)<75, p(95)<100`. */
function limitsOf({ thresholds, profiles, isElsewhere, untested = [] }: ObjectivePlan): string[] {
  if (isElsewhere === true) {
    return [profiles.length === 0 ? 'judged in no profile' : `judged in ${profiles.slice(0, 4).join(', ')}`];
  }
  const bySeries = new Map<string, string[]>();
  for (const { series, expression, level } of thresholds) {
    const limit = level === 'target' ? `${expression} (target)` : expression;
    bySeries.set(series, [...(bySeries.get(series) ?? []), limit]);
  }
  return [
    ...[...bySeries].map(([series, limits]) => shortened(`${series}  ${limits.join(', ')}`)),
    ...untested.map((what) => `not judged here: nothing is measured for ${what}`),
  ];
}

function shortened(text: string): string {
  return text.length > widestLimit + widestTitle ? `${text.slice(0, widestLimit + widestTitle - 1)}…` : text;
}
