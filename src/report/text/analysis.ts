// What a record means, for terminals and text files: the verdict, then every finding with its evidence and advice.
// `plimsoll analyze` prints it.

import type { CapacityAssessment } from '../../analysis/capacity-plan/capacity-plan.ts';
import type { Scalability } from '../../analysis/scalability.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { ScalingAssessment } from '../../scaling/assess-scaling.ts';
import { bottleneckCards } from '../view/bottlenecks.ts';
import { capacitySection } from '../view/capacity-plan.ts';
import { findingsSection } from '../view/findings.ts';
import { headlineOf } from '../view/headline.ts';
import { objectivesSection } from '../view/objectives.ts';
import { recommendationCards } from '../view/recommendations.ts';
import { type CarriedByInstances, scalabilitySection } from '../view/scalability.ts';
import { assessedSection } from '../view/scaling.ts';
import type { Section } from '../view/section.ts';
import { drawSection } from './draw-section.ts';
import type { Palette } from './palette.ts';
import { drawHeadline } from './terminal.ts';

/** The text ends with a line feed. */
export function renderAnalysis(record: RunRecord, palette: Palette): string {
  const bottlenecks = bottleneckCards(record);
  const limited = bottlenecks.blocks.length === 0 ? [] : [...drawSection(bottlenecks, palette), ''];
  const count = record.findings.filter(({ kind }) => kind !== 'bottleneck').length;
  const summary = count === 0 ? 'none' : String(count);
  const findings = drawSection({ ...findingsSection(record), summary }, palette);
  const cards = recommendationCards(record);
  const objectives = drawSection(objectivesSection(record), palette);
  const met = objectives.length === 0 ? [] : [...objectives, ''];
  const recommended = cards.blocks.length === 0 ? [] : ['', ...drawSection(cards, palette)];
  const judged = [...met, ...limited, ...findings, ...recommended];
  const lines = [...drawHeadline(headlineOf(record), palette), '', ...judged];
  return `${lines.join('\n')}\n`;
}

/** What runs say of capacity; empty where they say nothing. */
export function renderCapacity(capacity: CapacityAssessment | undefined, palette: Palette): string {
  const section = capacitySection(capacity);
  return section.blocks.length === 0 ? '' : `${drawSection(section, palette).join('\n')}\n`;
}

/** What the levels of one or several runs say; a sentence where they have none. The text ends with a line feed. */
export function renderScalability(
  scalability: Scalability | undefined,
  carried: CarriedByInstances | undefined,
  palette: Palette,
): string {
  const none =
    'None of the runs held a level of load: of users or rates that the plan sets, in one model, with the same tasks.';
  const section: Section =
    scalability === undefined
      ? {
          id: 'scalability',
          title: 'Scalability',
          summary: 'nothing can be said',
          blocks: [{ kind: 'notes', look: 'lines', notes: [{ text: none }] }],
        }
      : scalabilitySection(scalability, carried);
  return `${drawSection(section, palette).join('\n')}\n`;
}

/** A run held against an autoscaling policy. The text ends with a line feed. */
export function renderScaling(assessment: ScalingAssessment, palette: Palette): string {
  return `${drawSection(assessedSection(assessment), palette).join('\n')}\n`;
}
