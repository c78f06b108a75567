// Does before the load, with figures that nobody keeps, what the coordinator does each second under it: see
// rehearse-telling.ts. Called by drive.ts while the workers prepare.

import { maskWindow } from '../masking/mask-window.ts';
import { createCollector } from '../metrics/collector.ts';
import type { Plan } from '../model/plan.ts';
import { rehearseTelling } from './rehearse-telling.ts';

export function rehearseCounting(plan: Plan): void {
  const collector = createCollector(plan);
  for (const window of rehearseTelling()) {
    collector.accept(maskWindow(window));
    collector.progress();
  }
}
