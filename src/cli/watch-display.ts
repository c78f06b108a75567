// Shows what `plimsoll monitor` sees: lines that redraw themselves on a terminal, a plain line every few seconds where
// there is none.

import { createLogUpdate } from 'log-update';
import type { LiveProgress } from '../model/progress.ts';
import type { Palette } from '../report/text/palette.ts';
import { monotonicMs } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { cancelTimer, startRepeating, type Timer } from '../time/timer.ts';
import { movesCursor } from './colour.ts';
import { type ProgressDisplay, plainText, silentDisplay } from './progress.ts';
import { watchedLine, watchedLines } from './watched-lines.ts';

const redrawIntervalMs = 500;
const plainIntervalMs = 5000;

export function createWatchDisplay(
  stream: NodeJS.WriteStream,
  palette: Palette,
  { quiet, hasEnd }: { readonly quiet: boolean; readonly hasEnd: boolean },
): ProgressDisplay {
  if (quiet) return silentDisplay;
  const draw = movesCursor(stream) ? createLogUpdate(stream) : undefined;
  let startedAtMs = monotonicMs();
  let progress: LiveProgress | undefined;
  let title = '';
  let lengthMs = 0;
  let timer: Timer | undefined;
  let saidAtMs = 0;
  const elapsed = (): string => formatDuration(Math.floor((monotonicMs() - startedAtMs) / 1000) * 1000);
  const redraw = (): void => {
    const length = hasEnd
      ? ` of ${formatDuration(lengthMs)}`
      : '; press Ctrl-C to stop and to keep the collected figures';
    const lines = progress === undefined ? [] : watchedLines(progress, palette);
    draw?.([`${palette.bold(title)}  ${elapsed()}${palette.dim(length)}`, ...lines].join('\n'));
  };
  return {
    started(plan) {
      startedAtMs = monotonicMs();
      saidAtMs = startedAtMs;
      title = `watching ${plan.suite === 'monitor' ? 'without a suite' : plan.suite}`;
      lengthMs = plan.durationMs;
      if (draw === undefined) {
        stream.write(`${title}${hasEnd ? ` for ${formatDuration(lengthMs)}` : ' until Ctrl-C'}\n`);
        return;
      }
      timer = startRepeating(redraw, redrawIntervalMs);
    },
    update(_plan, newest) {
      progress = newest;
      if (draw !== undefined || monotonicMs() - saidAtMs < plainIntervalMs) return;
      saidAtMs = monotonicMs();
      stream.write(`${elapsed().padStart(6)}  ${watchedLine(newest)}\n`);
    },
    say(line) {
      draw?.clear();
      stream.write(`${plainText(line)}\n`);
      if (timer !== undefined) redraw();
    },
    stop() {
      cancelTimer(timer);
      draw?.clear();
      draw?.done();
    },
  };
}
