// How many replicas Kubernetes' HorizontalPodAutoscaler wants by one metric. Called by hpa-run.ts.
//
// Source: kubernetes/kubernetes, pkg/controller/podautoscaler/replica_calculator.go, and the concept page "Horizontal Pod
// Autoscaling". hpa.test.ts holds the figures of the controller's own tests.

/**
 * One pod as a metric sees it. `unready`: it is not ready yet, or has just started, and its CPU does not count. `missing`: it
 * should have a reading and has none. Pods that have failed or are being deleted are left out.
 */
export interface HpaPod {
  readonly state: 'ready' | 'unready' | 'missing';
  /** Of a pod that is `ready`: what it uses, in the unit of `request`, or the value of the metric. */
  readonly value?: number;
  /** Of resources: what the pod has requested, above 0. */
  readonly request?: number;
  /** So many pods that are alike; 1 when absent. */
  readonly count?: number;
}

/** `utilization`: share of the request, 0..1 and above. `average`: a value per pod. `total`: one value for all. */
export type HpaReading =
  | { readonly kind: 'utilization'; readonly pods: readonly HpaPod[]; readonly target: number }
  | { readonly kind: 'average'; readonly pods: readonly HpaPod[]; readonly target: number }
  | { readonly kind: 'total'; readonly value: number; readonly target: number; readonly readyPods: number }
  | { readonly kind: 'total per pod'; readonly value: number; readonly target: number };

/**
 * The replicas that one metric wants, before stabilization, policies and bounds; `undefined` where no ready pod has a
 * reading. `tolerance` 0..1: a ratio that is no further from 1 changes nothing.
 */
export function hpaReplicas(reading: HpaReading, current: number, tolerance: number): number | undefined {
  switch (reading.kind) {
    case 'total': {
      const ratio = reading.value / reading.target;
      return isWithin(ratio, tolerance) ? current : Math.ceil(ratio * reading.readyPods);
    }
    case 'total per pod': {
      const ratio = reading.value / (reading.target * current);
      return isWithin(ratio, tolerance) ? current : Math.ceil(reading.value / reading.target);
    }
    default:
      return byPods(reading, current, tolerance);
  }
}

function isWithin(ratio: number, tolerance: number): boolean {
  return Math.abs(1 - ratio) <= tolerance;
}

type OfPods = Extract<HpaReading, { readonly pods: readonly HpaPod[] }>;

function byPods({ kind, pods, target }: OfPods, current: number, tolerance: number): number | undefined {
  const isUtilization = kind === 'utilization';
  const ratioOf = isUtilization ? utilizationRatio : averageRatio;
  const ready = pods.filter(({ state }) => state === 'ready');
  const unready = pods.filter(({ state }) => state === 'unready');
  const missing = pods.filter(({ state }) => state === 'missing');
  if (countOf(ready) === 0) return undefined;
  const ratio = ratioOf(ready, target);
  const withUnready = countOf(unready) > 0 && ratio > 1;
  if (!withUnready && countOf(missing) === 0) {
    return isWithin(ratio, tolerance) ? current : Math.ceil(ratio * countOf(ready));
  }
  // Where nobody knows, the cautious assumption: busy when there would be fewer pods, idle when there would be more.
  const busy = (pod: HpaPod): HpaPod => ({
    ...pod,
    value: isUtilization ? (pod.request ?? 1) * Math.max(1, target) : target,
  });
  const idle = (pod: HpaPod): HpaPod => ({ ...pod, value: 0 });
  // Exactly at a target utilization the controller leaves missing pods out; at a target average it does not.
  const isExact = isUtilization && ratio === 1;
  const counted = [
    ...ready,
    ...(isExact ? [] : missing.map(ratio < 1 ? busy : idle)),
    ...(withUnready ? unready.map(idle) : []),
  ];
  const cautious = ratioOf(counted, target);
  const turned = (ratio < 1 && cautious > 1) || (ratio > 1 && cautious < 1);
  if (isWithin(cautious, tolerance) || turned) return current;
  const wanted = Math.ceil(cautious * countOf(counted));
  const isOtherWay = (cautious < 1 && wanted > current) || (cautious > 1 && wanted < current);
  return isOtherWay ? current : wanted;
}

/** The controller counts in whole percent, cut off. */
function utilizationRatio(pods: readonly HpaPod[], target: number): number {
  const [used, requested] = pods.reduce(
    ([a, b], { value = 0, request = 1, count = 1 }) => [a + count * value, b + count * request] as const,
    [0, 0] as readonly [number, number],
  );
  return wholes((100 * used) / requested) / wholes(100 * target);
}

/** And in thousandths of a metric's unit, cut off. */
function averageRatio(pods: readonly HpaPod[], target: number): number {
  const sum = pods.reduce((total, { value = 0, count = 1 }) => total + count * value, 0);
  return wholes((1000 * sum) / countOf(pods)) / (1000 * target);
}

function countOf(pods: readonly HpaPod[]): number {
  return pods.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** Cut off, but not for an error of the last binary place: 0.29 × 100 is 29. */
function wholes(value: number): number {
  return Math.floor(value + 1e-9);
}
