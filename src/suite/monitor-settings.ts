// The monitors of one profile, their figures and metrics, and what of them is secret. The schema asks for the figures,
// plan/ for the settings, run/run-profile.ts for the secrets.

import type { MetricDefinition } from '../model/metric.ts';
import { containsOf, type FigureDefinitions, monitorMetric } from '../model/monitor.ts';
import {
  hostFigures,
  httpFigures,
  logFigures,
  postgresFigures,
  processFigures,
  redisFigures,
} from '../model/monitor-figures.ts';
import type { MonitorDefinition, MonitorSecrets } from '../model/monitor-settings.ts';
import { selectionFigures, valueFigures } from '../model/selection-figures.ts';
import type { SuiteDefinition } from '../model/suite.ts';

export type MonitorDefinitions = Readonly<Record<string, MonitorDefinition>>;

/** The load generator's own processes, which every run watches. */
export const generatorMonitor = 'generator';
/** The machine it runs on; watched where no other monitor does. */
export const generatorHostMonitor = 'generator_host';

/** The monitors of a profile by name, with those of every run: its own over the suite's, each as a whole. */
export function monitorSettings(suite: SuiteDefinition, profileName: string): MonitorDefinitions {
  const declared = { ...suite.monitors, ...suite.profiles[profileName]?.monitors };
  return { ...declared, ...ownMonitors(declared) };
}

function ownMonitors(declared: MonitorDefinitions): MonitorDefinitions {
  const watchesThisHost = Object.values(declared).some(isOfThisHost);
  return {
    [generatorMonitor]: { kind: 'process', title: 'load generator' },
    ...(!watchesThisHost && { [generatorHostMonitor]: { kind: 'host', title: 'this machine' } }),
  };
}

function isOfThisHost(monitor: MonitorDefinition): boolean {
  return monitor.kind === 'host' && monitor.nodeExporter === undefined;
}

/** Why a monitor may not have its name; `undefined` when it may. */
export function reservedName(name: string, monitor: MonitorDefinition): string | undefined {
  if (name === generatorMonitor) return 'that of the load generator, which is always watched';
  const isOther = name === generatorHostMonitor && !isOfThisHost(monitor);
  return isOther ? 'that of the machine that Plimsoll runs on' : undefined;
}

/** All figures that a monitor may report, by name. */
export function figuresOf(definition: MonitorDefinition): FigureDefinitions {
  switch (definition.kind) {
    case 'host':
      return hostFigures;
    case 'process':
      return processFigures;
    case 'postgres':
      return postgresFigures;
    case 'redis':
      return redisFigures;
    case 'http':
      return { ...httpFigures, ...valueFigures(definition.figures ?? {}) };
    case 'log':
      return logFigures;
    case 'prometheus-query':
      return valueFigures(definition.queries);
    case 'prometheus':
    case 'otlp':
      return selectionFigures(definition.select);
  }
}

/** The metrics of monitors, by name, with those that every run has. */
export function monitorMetrics(monitors: MonitorDefinitions = {}): Record<string, MetricDefinition> {
  const metrics: Record<string, MetricDefinition> = {};
  for (const [name, definition] of Object.entries({ ...monitors, ...ownMonitors(monitors) })) {
    for (const [figure, one] of Object.entries(figuresOf(definition))) {
      metrics[monitorMetric(name, figure)] = {
        type: one.type,
        contains: containsOf(one),
        ...(one.type === 'gauge' && { sampled: true }),
        watched: true,
      };
    }
  }
  return metrics;
}

/** The URL of each monitor as it is to be used, and headers: `urls` are those that the plan was made with. */
export function monitorSecrets(
  monitors: MonitorDefinitions,
  urls: Readonly<Record<string, string>>,
): MonitorSecrets {
  return Object.fromEntries(
    Object.entries(monitors).map(([name, definition]) => {
      const url = Object.hasOwn(urls, name) ? urls[name] : undefined;
      const headers = 'headers' in definition ? definition.headers : undefined;
      return [name, { ...(url !== undefined && { url }), ...(headers !== undefined && { headers }) }];
    }),
  );
}
