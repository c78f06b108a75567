// What `plimsoll analyze` does about autoscaling: takes a policy from the record or a file, holds the run against it, and
// writes manifests of it. Called by analyze.ts.

import { writeFile } from 'node:fs/promises';
import { messageOf, UsageError } from '../model/errors.ts';
import { builtInMetrics, type MetricDefinition } from '../model/metric.ts';
import { containsOf, monitorMetric } from '../model/monitor.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { ScalingPlan } from '../model/scaling.ts';
import { assessScaling, type ScalingAssessment } from '../scaling/assess-scaling.ts';
import { hpaManifest, kedaManifest } from '../scaling/manifests.ts';
import type { AnalyzeFlags } from './flags.ts';

type ScalingFlags = Pick<AnalyzeFlags, 'scaling' | 'exportHpa' | 'exportKeda' | 'instances'>;

export interface AssessedRecord {
  /** With the policy that it was held against in its plan. */
  readonly record: RunRecord;
  readonly assessment: ScalingAssessment;
}

/**
 * The records held against a policy: that of `--scaling FILE`, else each run's own. `undefined` when nobody asked. Writes the
 * manifests that were asked for. Throws a `UsageError` where there is no policy, and for manifests of several runs.
 */
export async function assessRecords(
  records: readonly RunRecord[],
  flags: ScalingFlags,
): Promise<readonly AssessedRecord[] | undefined> {
  const { scaling, exportHpa, exportKeda, instances } = flags;
  if (scaling === undefined && exportHpa === undefined && exportKeda === undefined) return undefined;
  if (records.length > 1 && (exportHpa !== undefined || exportKeda !== undefined)) {
    throw new UsageError('--export-hpa and --export-keda write one manifest: name one run');
  }
  const assessed: AssessedRecord[] = [];
  for (const record of records) {
    const policy = await policyFor(record, scaling);
    const assessment = assessScaling(record, policy, instances);
    const { policy: told, hpa } = assessment;
    if (exportHpa !== undefined) await write(exportHpa, hpaManifest(record.plan, told, hpa));
    if (exportKeda !== undefined) await write(exportKeda, kedaManifest(record.plan, told, hpa));
    assessed.push({ record: { ...record, plan: { ...record.plan, scaling: told } }, assessment });
  }
  return assessed;
}

async function policyFor(record: RunRecord, file: string | true | undefined): Promise<ScalingPlan> {
  if (typeof file === 'string') {
    const { readScalingFile } = await import('../suite/read-scaling-file.ts');
    return readScalingFile(file, metricsIn(record));
  }
  if (record.plan.scaling !== undefined) return record.plan.scaling;
  throw new UsageError(`${record.suite} has no autoscaling policy`, {
    hint: 'write `scaling` into the suite, or give a file with rules: --scaling policy.yaml',
  });
}

/** What rules may be on: what Plimsoll records, the suite's own metrics, and the figures that monitors read. */
function metricsIn({ plan, metrics, monitors }: RunRecord): Readonly<Record<string, MetricDefinition>> {
  const known: Record<string, MetricDefinition> = Object.assign(
    Object.create(null) as Record<string, MetricDefinition>,
    builtInMetrics,
  );
  for (const name of Object.keys(plan.metrics)) {
    const entry = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
    if (entry !== undefined) known[name] = { type: entry.type, contains: entry.contains };
  }
  const watched = [
    ...(plan.monitors ?? []).map(({ name, figures }) => ({ name, figures })),
    ...Object.entries(monitors).map(([name, { figures }]) => ({ name, figures })),
  ];
  for (const { name, figures } of watched) {
    for (const [figure, one] of Object.entries(figures)) {
      known[monitorMetric(name, figure)] = {
        type: one.type,
        contains: containsOf(one),
        ...(one.type === 'gauge' && { sampled: true }),
        watched: true,
      };
    }
  }
  return known;
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (thrown) {
    throw new UsageError(`cannot write ${file}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
