import { describe, expect, test } from 'vitest';
import { analyse } from '../../analysis/analyse.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { ScalingDefinition } from '../../model/scaling.ts';
import { assessScaling } from '../../scaling/assess-scaling.ts';
import { course, policyOf, scalingRun } from '../../scaling/scaling-runs.cases.ts';
import { platformRules } from '../../suite/platform-rules.cases.ts';
import { drawSection as drawHtml } from '../html/draw-section.ts';
import { drawSection as drawMarkdown } from '../markdown/draw-section.ts';
import { drawSection as drawText } from '../text/draw-section.ts';
import { plainPalette } from '../text/palette.ts';
import { assessedSection, scalingSection } from './scaling.ts';

function recordOf(definition: ScalingDefinition): RunRecord {
  const measured = scalingRun({
    cpu: course([0.5, 4], [0.9, 40]),
    memory: course([0.5, 44]),
    replicas: course([2, 20], [3, 24]),
    plan: { scaling: policyOf(definition) },
  });
  return { ...measured, ...analyse(measured) };
}
const simulation = {
  capacityPerInstance: 100,
  load: {
    startRate: 100,
    stages: [
      { duration: '5m', target: 100 },
      { duration: '20m', target: 500 },
    ],
  },
};
const rules = { up: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance', max_instances: 3 } };
function text(definition: ScalingDefinition): string {
  const record = recordOf(definition);
  return drawText(assessedSection(assessScaling(record, record.plan.scaling!)), plainPalette).join('\n');
}
const atTheEnd = (definition: ScalingDefinition): string =>
  drawText(scalingSection(recordOf(definition)), plainPalette)
    .join('\n')
    .replaceAll(/\s+/g, ' ');

describe('the section on autoscaling', () => {
  test('says when rules acted, what ran, and what comes of them in the simulation', () => {
    const drawn = text({ rules: platformRules, instances: 'monitor_cluster_replicas', simulation });
    for (const told of [
      /3m15s\s+cpu\s+adds\s+2 → 3\s+1m15s\s+2m/,
      'cpu_percent was 90 % at most, limit 75 % (monitor_app_cpu_ratio, every 15s).',
      'Observed by monitor_cluster_replicas: 2 from 15s, 3 from 5m15s.',
      /Most that the load needs\s+5\s+5/,
      'Actions of the rules in the simulation',
      'Actions of the HPA in the simulation',
      /Capacity of an instance\s+100\/s\s+stated/,
      'the model has no memory_percent',
    ]) {
      expect(drawn).toMatch(told);
    }
  });

  test('does not say that work waits for ever where the run shows only the least that an instance can do', () => {
    const assessment = assessScaling(recordOf({ rules: platformRules }), policyOf({ rules, simulation }));
    const { model, ...others } = assessment.simulated!;
    const drawn = (isLeastCapacity: boolean): string =>
      drawText(
        assessedSection({
          ...assessment,
          simulated: { ...others, model: { ...model, isLeastCapacity } },
        }),
        plainPalette,
      )
        .join('\n')
        .replaceAll(/\s+/g, ' ');
    expect(drawn(false)).toContain('The rules do not recover: ');
    expect(drawn(true)).not.toContain('not recover');
    expect(drawn(true)).toContain('says nothing of whether the system recovers');
    expect(drawn(true)).toContain('only what an instance can do at least');
  });

  test('does not say that work waits for ever where a second of work is left', () => {
    // One instance finishes 100 per second; the rise to 200 in the last second leaves 50.
    const stages = [
      { duration: '1m', target: 100 },
      { duration: '1s', target: 200 },
    ];
    const still = { up: { trigger: 'cpu_percent > 75% for 1h', action: 'Add 1 instance', max_instances: 3 } };
    const drawn = text({
      rules: still,
      simulation: { capacityPerInstance: 100, load: { startRate: 100, stages } },
    }).replaceAll(/\s+/g, ' ');
    expect(drawn).toContain('The rules: 50 iterations still wait at the end, less than a second of work.');
    expect(drawn).not.toContain('The rules do not recover');
  });

  test('begins the simulation with the lower bound where the run began with fewer instances', () => {
    const measured = scalingRun({ cpu: course([0.5, 24]), replicas: course([0, 4], [2, 20]) });
    const drawn = drawText(
      assessedSection(
        assessScaling(
          measured,
          policyOf({ rules, minInstances: 2, instances: 'monitor_cluster_replicas', simulation }),
        ),
      ),
      plainPalette,
    )
      .join('\n')
      .replaceAll(/\s+/g, ' ');
    expect(drawn).toContain('begins with 2 instances, the lower bound of the policy; the run began with 0.');
    expect(drawn).not.toMatch(/Infinity|NaN/);
  });

  test('says what to state where there is no simulation, and no HPA', () => {
    const drawn = text({ rules: { up: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance' } } });
    expect(drawn).toContain('does not show what an instance can do');
    expect(drawn.replaceAll(/\s+/g, ' ')).toContain('There is none: An HPA needs an upper bound');
  });

  test('is short at the end of a run in a terminal, and whole in documents and on pages', () => {
    const definition: ScalingDefinition = {
      rules: {
        cpu: { trigger: 'cpu_percent > 75% for 2m', action: 'Add 1 instance' },
        calm: { trigger: 'cpu_percent < 5%', action: 'Remove 1 instance' },
        errors: { trigger: 'db_pool_percent > 90%', action: 'Add 1 instance' },
      },
    };
    const told = atTheEnd(definition);
    expect(told).toContain('cpu adds 1 → 2');
    expect(told).toContain('Rule errors: It cannot be replayed:');
    expect(told).toContain('Rules that would have done nothing: calm.');
    expect(told).toContain('plimsoll analyze <run> --scaling');
    expect(told).not.toContain('The HPA that comes closest');
    const section = scalingSection(recordOf(definition));
    for (const drawn of [drawMarkdown(section), drawHtml(section)]) {
      expect(drawn).toContain('The HPA that comes closest');
      expect(drawn).not.toContain('Rules that would have done nothing');
    }
  });

  test('is not there for a run without a policy', () => {
    const record = recordOf({ rules: platformRules });
    const { scaling: _none, ...plan } = record.plan;
    expect(drawText(scalingSection({ ...record, plan }), plainPalette)).toEqual([]);
  });

  test('names from anywhere are text in every format', () => {
    const rules = { '<b>|`x`': { trigger: 'cpu_percent > 75% for 2m', action: 'Add 1 instance' } };
    const section = scalingSection(recordOf({ rules, maxInstances: 3, simulation }));
    expect(drawHtml(section)).not.toContain('<b>|');
    expect(drawHtml(section)).toContain('&lt;b&gt;');
    expect(drawMarkdown(section)).not.toMatch(/[^\\]<b>\|/);
  });

  test('figures without measure end as well', () => {
    const record = recordOf({ rules: platformRules, simulation });
    const policy = record.plan.scaling!;
    const odd: RunRecord = {
      ...record,
      plan: {
        ...record.plan,
        scaling: {
          ...policy,
          simulation: {
            capacityPerInstance: 1e-300,
            startUpMs: 1e15,
            metricDelayMs: 1e15,
            intervalMs: 0,
            load: { startRate: 1e300, stages: [{ durationMs: 1e15, target: 1e300 }] },
            assume: {},
          },
        },
      },
    };
    const assessment = assessScaling(odd, odd.plan.scaling!);
    expect(drawText(assessedSection(assessment), plainPalette).length).toBeGreaterThan(10);
  });
});
