// A run record as what reports show, made once: the headline, the sections in the order in which they are read, and what
// the charts draw. The formats in text/, markdown/ and html/ call it, and draw what fits the room that they have.

import type { RunRecord } from '../../model/run-record.ts';
import { alertsSection, noAlertFired } from './alerts.ts';
import { type ChartData, chartBlocks, chartData } from './charts.ts';
import { checksSection } from './checks.ts';
import { comparisonsSection } from './comparisons.ts';
import { connectionsSection } from './connections.ts';
import { cutOffSection } from './cut-off.ts';
import { distributionSection } from './distribution.ts';
import { environmentSection } from './environment.ts';
import { errorsSection } from './errors.ts';
import { findingsSection } from './findings.ts';
import { generatorSection } from './generator.ts';
import { type Headline, headlineOf } from './headline.ts';
import { keyFiguresSection } from './key-figures.ts';
import { objectivesSection } from './objectives.ts';
import { operationSections } from './operations.ts';
import { outagesSection } from './outages.ts';
import { planSection } from './plan.ts';
import { recommendationsSection } from './recommendations.ts';
import { drivesLoad } from './record-figures.ts';
import { searchSection } from './search.ts';
import type { Section } from './section.ts';
import { endpointsSection, tasksSection } from './tasks.ts';
import { thresholdsSection } from './thresholds.ts';
import { timelineSection } from './timeline.ts';
import { ownMonitorParts, watchedSection } from './watched-section.ts';

export interface ReportView {
  readonly headline: Headline;
  /** As a page has them: what happened, then how it is judged. */
  readonly sections: readonly Section[];
  /** What the blocks of kind `chart` draw, by their ids. */
  readonly charts: ChartData;
}

export function viewOf(record: RunRecord): ReportView {
  const charts = chartData(record);
  const sections = drivesLoad(record) ? loadSections(record, charts) : watchSections(record, charts);
  return { headline: headlineOf(record), sections, charts };
}

/** Of a record of `plimsoll monitor`: nothing about load, since there was none. */
function watchSections(record: RunRecord, { watched }: ChartData): Section[] {
  const alerts = alertsSection(record);
  return [
    { ...alerts, blocks: [...alerts.blocks, ...noAlertFired(record)] },
    watchedSection(record, watched),
    ...(record.plan.thresholds.length === 0 ? [] : [thresholdsSection(record)]),
    findingsSection(record),
    recommendationsSection(record),
    environmentSection(record),
  ];
}

function loadSections(record: RunRecord, charts: ChartData): Section[] {
  const operations = [connectionsSection(record), ...operationSections(record)];
  const hasOthers = operations.some(({ blocks }) => blocks.length > 0);
  const small = chartBlocks(charts, (chart) => chart.small);
  return [
    keyFiguresSection(record, noAlertFired(record)),
    alertsSection(record),
    timelineSection(record, charts),
    watchedSection(record, charts.watched),
    distributionSection(charts),
    searchSection(record),
    tasksSection(record),
    endpointsSection(record, hasOthers),
    ...operations,
    checksSection(record),
    outagesSection(record),
    errorsSection(record),
    cutOffSection(record),
    objectivesSection(record),
    thresholdsSection(record),
    comparisonsSection(record),
    findingsSection(record),
    recommendationsSection(record),
    generatorSection(record, small, ownMonitorParts(record, charts.watched)),
    planSection(record),
    environmentSection(record),
  ];
}

/** Where there is little room, how the run is judged stands above what happened in it. */
const judgedFirst = ['figures', 'search', 'objectives', 'thresholds', 'comparisons'];
/** What was watched stands behind what the run did. */
const afterwards = [
  'watched',
  'alerts',
  'checks',
  'outages',
  'errors',
  'cut-off',
  'findings',
  'recommendations',
  'generator',
];
const last = ['plan', 'environment'];

/** The same sections in the order of a summary. */
export function inSummaryOrder(sections: readonly Section[]): Section[] {
  const rank = ({ id }: Section): number => {
    const early = judgedFirst.indexOf(id);
    if (early >= 0) return early;
    const late = [...afterwards, ...last].indexOf(id);
    return judgedFirst.length + (late < 0 ? 0 : late + 1);
  };
  return [...sections].sort((a, b) => rank(a) - rank(b));
}
