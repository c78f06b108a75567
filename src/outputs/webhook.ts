// A message for each alert that begins, changes its level or ends: as data, or as a text for Slack and what is like it.

import type { AlertFigure, AlertTransition } from '../model/alert.ts';
import type { WebhookOutputDefinition } from '../model/output.ts';
import { formatDuration } from '../time/duration.ts';
import { Delivery } from './delivery.ts';
import { createPost } from './http-post.ts';
import type { Output, OutputRun } from './output.ts';
import { parseReceiverUrl } from './receiver-url.ts';

/** Of more messages that wait, the oldest are given up. */
const maxWaiting = 20;

/** Throws a `UsageError` for a URL that is none. Windows and samples mean nothing to it. */
export function createWebhookOutput(definition: WebhookOutputDefinition, run: OutputRun): Output {
  const receiver = parseReceiverUrl(definition.url, ['http', 'https'], { secretPath: true });
  const attempt = createPost({
    receiver,
    headers: definition.headers,
    formatHeaders: { 'content-type': 'application/json' },
  });
  const delivery = new Delivery({ attempt, maxBatches: maxWaiting });
  const message = definition.format === 'slack' ? slackMessage : jsonMessage;
  return {
    window() {},
    sample() {},
    alert(transition) {
      delivery.add({ body: Buffer.from(JSON.stringify(message(transition, run))), points: 1 });
    },
    async close(graceMs) {
      return { kind: 'webhook', to: receiver.shown, ...(await delivery.close(graceMs)) };
    },
  };
}

function jsonMessage(transition: AlertTransition, run: OutputRun): object {
  const { id, suite, profile, environment, tags } = run;
  return {
    type: 'alert',
    ...transition,
    time: timeOf(transition, run).toISOString(),
    run: { id, suite, profile, environment, tags },
  };
}

/** Source: https://api.slack.com/reference/messaging/attachments */
function slackMessage(transition: AlertTransition, run: OutputRun): object {
  const { title, state, level, atMs, figures, respond, abort } = transition;
  const what = state === 'resolved' ? 'Resolved' : level === 'critical' ? 'Critical' : 'Warning';
  const text = slackText(`${what}: ${title}`);
  const lines = figures.map((figure) => `${figure.name} ${amount(figure)} (limit ${limit(figure)})`);
  const advice = state === 'firing' ? respond.map((sentence) => `• ${sentence}`) : [];
  if (abort && state === 'firing' && level === 'critical') advice.push('The run is ended because of this.');
  const where = `${run.suite} / ${run.profile}, ${formatDuration(atMs)} into run ${run.id}`;
  return {
    text,
    attachments: [
      {
        color: state === 'resolved' ? 'good' : level === 'critical' ? 'danger' : 'warning',
        fallback: text,
        text: slackText([...lines, ...advice].join('\n')),
        footer: slackText(where),
        ts: Math.floor(timeOf(transition, run).getTime() / 1000),
      },
    ],
  };
}

function timeOf({ atMs }: AlertTransition, run: OutputRun): Date {
  return new Date(run.startEpochMs + atMs);
}

function amount({ value, unit }: AlertFigure): string {
  switch (unit) {
    case 'ratio':
      return `${rounded(value * 100)} %`;
    case 'ms':
      return `${rounded(value)} ms`;
    case 'bytes':
      return `${rounded(value / 1e6)} MB`;
    case 'per s':
      return `${rounded(value)}/s`;
    case 'count':
      return String(rounded(value));
  }
}

function limit({ limit: value, name, unit }: AlertFigure): string {
  return amount({ name, value, limit: value, unit });
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Slack wants these three escaped, and nothing else. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
