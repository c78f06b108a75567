// What whoever shows a run is told while it goes on.

import type { AlertTransition } from '../model/alert.ts';
import type { Plan } from '../model/plan.ts';
import type { LiveProgress } from '../model/progress.ts';
import type { LogLevel } from '../store/run-log.ts';

/** What happens during a run, in order. */
export type RunEvent =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'started'; readonly plan: Plan; readonly runDir: string }
  | { readonly kind: 'progress'; readonly plan: Plan; readonly progress: LiveProgress }
  | { readonly kind: 'alert'; readonly plan: Plan; readonly transition: AlertTransition }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly kind: 'stopping'; readonly reason: string };
