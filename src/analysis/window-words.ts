// What is said of thresholds that are judged window by window: `in its worst 30s on end`, `in 54 of 60 windows`. Used by
// threshold-words.ts and by reports.

import type { JudgedThreshold } from '../judge/judged-thresholds.ts';
import { figureWords } from '../model/metric-words.ts';
import type { ThresholdWindows } from '../model/plan.ts';
import type { WindowTally } from '../model/run-record.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

/** After the name of the figure: which of the windows decide. */
export function windowWords({
  lengthMs,
  withinMs,
  forMs,
  share = 1,
  stage,
  outside,
}: ThresholdWindows): string {
  // One window is all of the stage, which the name of the figure says.
  if (stage !== undefined && lengthMs >= stage.untilMs - stage.fromMs - 500 && share === 1) return '';
  if (outside?.every((one) => lengthMs >= one.untilMs - one.fromMs) === true && share === 1) {
    return outside.length === 1 ? '' : 'in the worst of the times';
  }
  const each = lengthMs === 1000 ? 'second' : `window of ${formatDuration(lengthMs)}`;
  const from = withinMs === 0 ? '' : ` from ${formatDuration(withinMs)} on`;
  if (forMs !== undefined) {
    const grain = lengthMs === 1000 ? '' : ` (windows of ${formatDuration(lengthMs)})`;
    return `in its worst ${formatDuration(forMs)} without interruption${grain}${from}`;
  }
  return share === 1
    ? `in its worst ${each}${from}`
    : `in the best ${formatFigure(share, 'ratio')} of ${each === 'second' ? 'seconds' : `windows of ${formatDuration(lengthMs)}`}${from}`;
}

/** `54 of 60 windows held, 2 open`, for a cell. */
export function tallyText({ held, broken, open }: WindowTally): string {
  const known = `${formatFigure(held, 'count')} of ${formatCount(held + broken + open, 'window')} held`;
  return open === 0 ? known : `${known}, ${formatFigure(open, 'count')} open`;
}

/** `It held in 54 of 60 windows; the longest breach lasted 5s, from 12s on. The worst was 1.2 s, at 14s.` */
export function tallySentence({ result, unit }: JudgedThreshold): string {
  const { windows } = result;
  if (windows === undefined || windows.held + windows.broken + windows.open === 1) return '';
  const { held, broken, open, longestBroken, worst } = windows;
  const unknown = open === 0 ? '' : `, and is undecided in ${formatFigure(open, 'count')}`;
  const longest =
    longestBroken.fromMs === null
      ? ''
      : `; the longest breach lasted ${formatDuration(longestBroken.lengthMs)}, from ${formatDuration(longestBroken.fromMs)} on`;
  const most =
    worst === null
      ? ''
      : ` The worst was ${formatFigure(worst.value, unit)}, at ${formatDuration(worst.fromMs)}.`;
  return `It held in ${formatFigure(held, 'count')} of ${formatCount(held + broken + open, 'window')}${unknown}${longest}.${most}`;
}

/** About a threshold of which nobody knows whether it holds. */
export function openWindowsSentence(threshold: JudgedThreshold): string {
  const { plan, type, monitors, result } = threshold;
  const words = figureWords({ ...plan, type }, monitors);
  const whole = `${words} (${plan.expression})`;
  if (result.windows?.open === 0 && plan.windows?.forMs === undefined) {
    return `${whole} is undecided: the run was ended early, and the windows that are missing might have made up for the broken ones. ${tallySentence(threshold)}`;
  }
  if (result.windows?.open === 0) {
    return `${whole}: all ${formatCount(result.windows.broken, 'window')} broke the limit, but the load was over before that could last ${formatDuration(plan.windows?.forMs ?? 0)}.`;
  }
  if (type === 'counter') {
    const why =
      plan.windows?.stage === undefined
        ? 'a window was shorter than it says, or some of what counts came too late'
        : 'the stage begins or ends within a second, and counts are of whole ones';
    return `${whole} is undecided: ${why}. ${tallySentence(threshold)}`.trimEnd();
  }
  return `${whole} is undecided: what had not ended within a window, or was cut off, decides. ${tallySentence(threshold)} Windows that are longer than the work in them leave fewer open: \`over 30s\`.`;
}
