// Does before the first window comes, with figures that nobody keeps, what the coordinator does each second: see
// rehearse-telling.ts. Called by drive.ts once the workers are told to start, when nobody waits for the coordinator.

import { maskWindow } from '../masking/mask-window.ts';
import { createCollector } from '../metrics/collector.ts';
import type { Plan } from '../model/plan.ts';
import { rehearseTelling } from './rehearse-telling.ts';

export function rehearseCounting(plan: Plan): void {
  const collector = createCollector(plan);
  collector.accept(maskWindow(rehearseTelling()));
  collector.progress();
}
