// The findings of the analysis as the reports show them, each with what it rests on and what to do about it.

import type { RunRecord } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { formatEvidence } from '../format-values.ts';
import { emptyNotes, notInTerminal } from './cells.ts';
import { findingLabel } from './finding-kinds.ts';
import type { Note, Section } from './section.ts';

const statuses = { critical: 'bad', warning: 'caution', info: 'none' } as const;

/** Not in the summary of a terminal, where `plimsoll analyze` shows them. */
export function findingsSection({ findings: all }: RunRecord): Section {
  // What limits the run has a section of its own.
  const findings = all.filter(({ kind }) => kind !== 'bottleneck');
  const section = { id: 'findings', title: 'Findings', ...notInTerminal };
  if (findings.length === 0) return { ...section, blocks: [emptyNotes('Nothing stood out.')] };
  return { ...section, blocks: [{ kind: 'notes', look: 'cards', notes: findings.map(noteOf) }] };
}

export function noteOf(finding: Finding): Note {
  const { severity, title, detail, evidence, advice } = finding;
  return {
    title,
    tags: [severity, findingLabel(finding)],
    status: statuses[severity],
    text: detail,
    evidence: evidence.map(({ name, value, unit, limit }) => ({
      name,
      value: formatEvidence(value, unit),
      ...(limit !== undefined && { limit: formatEvidence(limit, unit) }),
    })),
    ...(advice !== undefined && { advice }),
  };
}
