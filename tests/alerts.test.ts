// Alerts from the first sign to the last message: on the terminal, in the log, the record and the reports, and at
// receivers that are slow, that fail first, and that are not there.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertRecord } from '../src/model/alert.ts';
import { freePort, type HttpReceiver, startHttpReceiver } from '../src/outputs/receivers.cases.ts';
import { expectExit, wasHeldUp } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { type RunningCli, runCli, temporaryFolder } from './run-cli.ts';
import { durationMs, expectNoSecrets, readWatched, startWatched, type WatchedRun } from './watched-run.ts';

const timeout = 90_000;

/** Answers 500 to as many requests as it is told, and tells of a queue of any length. */
interface Target {
  readonly url: string;
  readonly count: number;
  failures: number;
  queue: number;
  close(): void;
}

async function startTarget(): Promise<Target> {
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      response.end(JSON.stringify({ queue: target.queue }));
      return;
    }
    count++;
    if (target.failures > 0) {
      target.failures--;
      response.writeHead(500);
    }
    response.end('ok');
  });
  let count = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return count;
    },
    failures: 0,
    queue: 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return target;
}

const alertOf = ({ alerts }: RunRecord, name: string): AlertRecord =>
  alerts!.find((alert) => alert.name === name)!;

describe('alerts that fire and end', () => {
  const folder = temporaryFolder();
  let target: Target;
  let json: HttpReceiver;
  let slack: HttpReceiver;
  let run: WatchedRun;
  let runDurationMs: number;

  beforeAll(async () => {
    [target, json, slack] = await Promise.all([startTarget(), startHttpReceiver(), startHttpReceiver()]);
    // The share of the last ten seconds falls from 60 % to 10 % after 6 s and to 8.6 % after 7.
    target.failures = 30;
    json.answers.push({ status: 500, text: 'out of order' });
    slack.behaviour = 'slow';
    const env = { JSON_HOOK: `${json.url}/hidden-json-path`, SLACK_HOOK: `${slack.url}/hidden-slack-path` };
    const running = startWatched('alerts', 'told', { url: target.url, outDir: folder.path, env });
    await running.saw(/running alerts/);
    await wait(1000);
    target.queue = 100;
    await running.saw(/ALERT \(critical\) at .*The queue is long/);
    // Below both limits by less than the hysteresis, then by more.
    target.queue = 46;
    await wait(1500);
    target.queue = 10;
    await running.saw(/alert resolved at .*The queue is long/);
    run = readWatched(folder.path, 'alerts', await running.done);
    runDurationMs = durationMs(run);
  }, timeout);
  afterAll(async () => {
    target?.close();
    await Promise.all([json?.close(), slack?.close()]);
    folder.dispose();
  });

  test('the load is as planned, and the verdict a warning', () => {
    expect(figureOf(run.record, 'http_reqs')).toBe(600);
    expect(target.count).toBe(600);
    expect(figureOf(run.record, 'http_req_failed', 'passes')).toBe(30);
    expectExit(run, 0);
    if (!wasHeldUp(run.record)) expect(run.record.verdict.status).toBe('warn');
    expect(run.record.verdict.reasons.join('\n')).toMatch(/Alert: Requests fail \(critical at \d+/);
  });

  test('one on the load begins after its time, and ends when its figure is back by more than the hysteresis', () => {
    const { rules, respond, episodes, episodeCount, aborted } = alertOf(run.record, 'failing');
    expect(rules).toEqual([{ level: 'critical', expression: 'http_req_failed > 10% for 2s' }]);
    expect(respond).toEqual(['Look at the log of the target.', 'Take the newest release back.']);
    expect({ episodeCount, aborted }).toEqual({ episodeCount: 1, aborted: false });
    const [{ level, fromMs, untilMs, figures }] = episodes as [AlertRecord['episodes'][number]];
    expect(level).toBe('critical');
    // The first second is whole after 3 s; then it has to hold for 2 s.
    expect(fromMs).toBeGreaterThanOrEqual(4900);
    // After 6 whole seconds it is 10 %, which is no more above the limit and not yet 5 % below it.
    expect(untilMs).toBeGreaterThanOrEqual(8900);
    expect(untilMs).toBeLessThanOrEqual(runDurationMs);
    expect(figures).toMatchObject([{ name: 'http_req_failed', limit: 0.1, unit: 'ratio' }]);
    expect(figures[0]!.value).toBeGreaterThan(0.1);
  });

  test('one on a figure goes from warning to critical and back in one episode', () => {
    const { episodes, episodeCount } = alertOf(run.record, 'queue');
    expect(episodeCount).toBe(1);
    const [{ level, fromMs, untilMs, figures }] = episodes as [AlertRecord['episodes'][number]];
    expect(level).toBe('critical');
    expect(fromMs).toBeGreaterThan(500);
    // It stayed for as long as the queue was below the limits by less than a tenth.
    expect(untilMs! - fromMs).toBeGreaterThan(1500);
    expect(figures).toMatchObject([
      { name: 'monitor_target_queue', value: 100, limit: 80 },
      { name: 'http_reqs', limit: 1, unit: 'per s' },
    ]);
    expect(alertOf(run.record, 'quiet')).toMatchObject({ episodes: [], episodeCount: 0 });
  });

  test('standard error tells of both, with what to do', () => {
    expect(run.stderr).toMatch(
      /ALERT \(critical\) at \d+s: Requests fail: http_req_failed [\d.]+ % \(limit 10 %\)\n {4}1\. Look at the log of the target\.\n {4}2\. Take the newest release back\.\n/,
    );
    expect(run.stderr).toMatch(
      /alert \(warning\) at \d+s: The queue is long: monitor_target_queue 100 \(limit 50\)\n {4}1\. Start another consumer\.\n/,
    );
    expect(run.stderr).toMatch(/alert resolved at \d+s: Requests fail/);
    expect(run.stderr).toMatch(/alert resolved at \d+s: The queue is long/);
  });

  test('log, summary and reports tell of both', () => {
    const lines = run.log.filter(({ message }) => message.startsWith('alert '));
    expect(lines.map(({ level, message }) => `${level} ${message}`).sort()).toEqual(
      [
        'error alert failing firing',
        'error alert queue firing',
        'warn alert failing resolved',
        'warn alert queue firing',
        'warn alert queue resolved',
        // At 46, critical is over and the warning is not.
        'warn alert queue firing',
      ].sort(),
    );
    for (const title of ['Requests fail', 'The queue is long']) {
      for (const file of ['summary.txt', 'summary.md', 'report.html']) {
        expect(run.files[file]!.includes(title), `${title} in ${file}`).toBe(true);
      }
      expect(run.record.findings.map((finding) => finding.title)).toContain(`Alert: ${title}`);
    }
    expect(run.files['report.html']!.includes('Take the newest release back.')).toBe(true);
  });

  interface Message {
    readonly alert: string;
    readonly state: string;
    readonly level: string;
    readonly atMs: number;
    readonly respond: readonly string[];
    readonly run: { readonly id: string; readonly suite: string; readonly profile: string };
  }

  test('a receiver of JSON that fails at first gets each message once, in order', () => {
    const messages = json.accepted.map(({ body }) => JSON.parse(body.toString()) as Message);
    expect(json.refused).toHaveLength(1);
    expect(json.refused[0]!.body.equals(json.accepted[0]!.body)).toBe(true);
    expect(json.accepted[0]!.headers).toMatchObject({ 'x-hook-key': 'hidden-in-header' });
    const told = messages.map(({ alert, state, level }) => `${alert} ${state} ${level}`);
    expect(told.filter((one) => one.startsWith('queue'))).toEqual([
      'queue firing warning',
      'queue firing critical',
      'queue firing warning',
      'queue resolved warning',
    ]);
    expect(told.filter((one) => one.startsWith('failing'))).toEqual([
      'failing firing critical',
      'failing resolved critical',
    ]);
    const times = messages.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const { id } = run.record;
    for (const message of messages) {
      expect(message.run).toMatchObject({ id, suite: 'alerts', profile: 'told' });
    }
    expect(messages[0]!.respond).toEqual(['Start another consumer.']);
  });

  test('a slow receiver gets the form for Slack, in order', () => {
    interface SlackMessage {
      readonly text: string;
      readonly attachments: readonly { readonly color: string; readonly text: string }[];
    }
    const messages = slack.accepted.map(({ body }) => JSON.parse(body.toString()) as SlackMessage);
    const told = messages.map(({ text, attachments }) => `${text} ${attachments[0]!.color}`);
    expect(told.filter((one) => one.includes('queue'))).toEqual([
      'Warning: The queue is long warning',
      'Critical: The queue is long danger',
      'Warning: The queue is long warning',
      'Resolved: The queue is long good',
    ]);
    expect(told.filter((one) => one.includes('Requests'))).toEqual([
      'Critical: Requests fail danger',
      'Resolved: Requests fail good',
    ]);
    expect(messages[0]!.attachments[0]!.text).toContain('• Start another consumer.');
  });

  test('the record counts the messages, and no artifact holds a secret', () => {
    expect(run.record.outputs).toMatchObject([
      { kind: 'webhook', sent: 6, lost: 0, failures: 1, lastError: 'answered 500: out of order' },
      { kind: 'webhook', sent: 6, lost: 0, failures: 0 },
    ]);
    expectNoSecrets(run, ['hidden-in-header', 'hidden-json-path', 'hidden-slack-path']);
  });
});

describe.concurrent('a run', () => {
  const folders: ReturnType<typeof temporaryFolder>[] = [];
  const targets: Target[] = [];
  afterAll(() => {
    for (const target of targets) target.close();
    for (const folder of folders) folder.dispose();
  });

  /** A target with a queue of this length, and a run against it. */
  async function start(
    profile: string,
    queue: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ target: Target; running: RunningCli; outDir: string }> {
    const [folder, target] = [temporaryFolder(), await startTarget()];
    folders.push(folder);
    targets.push(target);
    target.queue = queue;
    const outDir = folder.path;
    return { target, running: startWatched('alerts', profile, { url: target.url, outDir, env }), outDir };
  }

  test('is ended by a critical alert that may: exit 1, and the reason; dead receivers do not hold up its end', {
    timeout,
  }, async () => {
    const hanging = await startHttpReceiver();
    hanging.behaviour = 'hang';
    const env = { JSON_HOOK: `${hanging.url}/hook`, SLACK_HOOK: `http://127.0.0.1:${await freePort()}/hook` };
    const { target, running, outDir } = await start('aborting', 100, env);
    await running.saw(/stopping: alert queue is critical: The queue is long/);
    const stoppedAtMs = performance.now();
    const run = readWatched(outDir, 'alerts', await running.done);
    // 2 s for what runs, 3 s for what was not sent, and the time of a busy machine.
    expect(performance.now() - stoppedAtMs).toBeLessThan(14_000);
    await hanging.close();

    expectExit(run, 1);
    expect(durationMs(run)).toBeLessThan(20_000);
    expect(figureOf(run.record, 'http_reqs')).toBe(target.count);
    expect(run.record.verdict.reasons.join('\n')).toMatch(
      /Alert: The queue is long \(critical at .*, until the end; this ended the run early\)\./,
    );
    expect(run.stdout).toContain('this ended the run early');
    expect(run.record.interrupted).toBe(false);
    expect(alertOf(run.record, 'queue')).toMatchObject({ aborted: true, episodes: [{ untilMs: null }] });
    expect(run.stderr).toMatch(/ALERT \(critical\) .*The queue is long: .*; this ends the run\n/);
    // Each was told of the warning and of what was critical.
    const [hung, refused] = run.record.outputs!;
    expect(hung).toMatchObject({ sent: 0, lost: 2, lastError: 'no answer before the run ended' });
    expect(refused).toMatchObject({ sent: 0, lost: 2 });
    expect(refused!.failures).toBeGreaterThan(0);
    expect(refused!.lastError).toMatch(/ECONNREFUSED|refused/);
  });

  test('keeps what monitors and alerts told when it is interrupted', { timeout }, async () => {
    const { target, running, outDir } = await start('killed', 60);
    await running.saw(/alert \(warning\) .*The queue is long/);
    target.queue = 0;
    await running.saw(/alert resolved .*The queue is long/);
    running.child.kill('SIGINT');
    const run = readWatched(outDir, 'alerts', await running.done);
    expect(run.code).toBe(130);
    expect(run.record.interrupted).toBe(true);
    const { times, series, gaps } = run.record.monitors.target!;
    expect(gaps).toEqual([]);
    expect(times.length).toBeGreaterThan(1);
    expect(new Set(series.queue!.avg)).toEqual(new Set([60, 0]));
    expect(figureOf(run.record, 'monitor_target_queue', 'max')).toBe(60);
    expect(alertOf(run.record, 'queue').episodes).toMatchObject([{ level: 'warning' }]);
    expect(alertOf(run.record, 'queue').episodes[0]!.untilMs).toBeTypeOf('number');
    expect(run.files['summary.txt']).toContain('The queue is long');
  });

  test('whose coordinator is killed comes back with its readings and its alerts', { timeout }, async () => {
    const { target, running, outDir } = await start('killed', 60);
    await running.saw(/alert \(warning\) .*The queue is long/);
    target.queue = 0;
    await running.saw(/alert resolved .*The queue is long/);
    target.queue = 90;
    await running.saw(/ALERT \(critical\) .*The queue is long/);
    await wait(1200);
    running.child.kill('SIGKILL');
    const killed = await running.done;
    const runDir = `${outDir}/alerts/latest`;
    const { code, stderr } = await runCli(['report', runDir]);
    expect(code, stderr).toBe(0);
    const run = readWatched(outDir, 'alerts', killed);
    const { record, log } = run;
    expect(record.recovery).toMatchObject({ killed: true });
    const { times, series, readings } = record.monitors.target!;
    // Up to the moment of its death, and not a value more.
    expect(readings).toBe(times.length);
    expect(new Set(series.queue!.avg)).toEqual(new Set([60, 0, 90]));
    expect(times.at(-1)).toBeLessThanOrEqual(record.recovery!.untilMs + 1500);
    expect(times.at(-1)).toBeGreaterThan(record.recovery!.untilMs - 1500);
    expect(record.monitors.generator!.readings).toBeGreaterThan(0);

    // The log was written as it happened; the record has the same.
    interface Line {
      readonly message: string;
      readonly figures?: readonly { readonly value: number }[];
    }
    const told = (log as readonly Line[]).filter(({ message }) => message.startsWith('alert queue'));
    const { episodes, episodeCount } = alertOf(record, 'queue');
    expect(told.filter(({ message }) => message.endsWith('resolved'))).toHaveLength(1);
    expect(episodeCount).toBe(2);
    expect(episodes).toMatchObject([{ level: 'warning' }, { level: 'critical', untilMs: null }]);
    expect(episodes[0]!.figures[0]!.value).toBe(told[0]!.figures![0]!.value);
    expect(episodes[1]!.figures[0]!.value).toBe(told.at(-1)!.figures![0]!.value);
    expect(run.files['summary.md']).toContain('The queue is long');
  });
});
