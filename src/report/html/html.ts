// report.html: one file that works offline, light and dark, on any width and on paper.

import type { RunRecord } from '../../model/run-record.ts';
import { inRoom } from '../view/cells.ts';
import type { Headline } from '../view/headline.ts';
import { viewOf } from '../view/report-view.ts';
import { drawHeading } from './draw-heading.ts';
import { drawSection } from './draw-section.ts';
import { escapeHtml } from './escape.ts';
import { drawPage } from './page-shell.ts';

export function renderHtml(record: RunRecord): string {
  const { headline, sections, charts } = viewOf(record);
  const body = inRoom('page', sections)
    .map(drawSection)
    .filter((html) => html !== '');
  const version = record.environment.plimsoll;
  return drawPage({
    title: `${headline.verdict}: ${headline.suite} / ${headline.profile}`,
    kind: 'load test report',
    version,
    accent: record.verdict.status,
    main: [headingOf(headline), ...body].join('\n'),
    footer: `Made by Plimsoll ${version} from run.json alone. Response times of arrival-rate scenarios count from the planned start.`,
    charts,
  });
}

function headingOf(headline: Headline): string {
  const { verdict, status, suite, profile, purpose, target, reasons } = headline;
  const facts = [
    escapeHtml(headline.startedAt),
    escapeHtml(headline.duration),
    ...(target === null ? [] : [`<code>${escapeHtml(target)}</code>`]),
    escapeHtml(`environment ${headline.environment}`),
  ];
  return drawHeading({ answer: verdict, status, title: [suite, profile], purpose, reasons, facts });
}
