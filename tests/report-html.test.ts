import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../src/model/run-record.ts';
import { renderHtml } from '../src/report/html/html.ts';
import { makeOperationsRecord } from '../src/report/operations-record.cases.ts';
import { makeRecord, type RecordVariant } from '../src/report/record.cases.ts';
import { keyFigures } from '../src/report/view/record-figures.ts';
import { makeWatchedRecord } from '../src/report/watched-record.cases.ts';

// Debian's chromium, or the one CHROMIUM names; on a machine without any, the page cannot be looked at.
const executablePath =
  process.env.CHROMIUM ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

describe.skipIf(executablePath === undefined)('report.html in a browser', () => {
  let browser: Browser;
  let dir: string;
  let opened = 0;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'plimsoll-html-'));
    browser = await chromium.launch({ executablePath: executablePath!, args: quiet });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function open(
    variant: RecordVariant,
    width = 1280,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; complaints: string[] }> {
    return openRecord(makeRecord(variant, 30), width, colorScheme);
  }

  /** Opens the report; `complaints` gathers console errors, exceptions and requests beyond the file itself. */
  async function openRecord(
    record: RunRecord,
    width = 1280,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; complaints: string[] }> {
    const path = join(dir, `${opened++}.html`);
    writeFileSync(path, renderHtml(record));
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(path).href) complaints.push(`requested ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href);
    return { page, complaints };
  }

  /** How many of the page's canvases have something on them. */
  const drawnCanvases = `[...document.querySelectorAll('.plot canvas')].filter((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value !== 0);
  }).length`;

  test.each([
    ['failing', 7],
    ['passing', 6],
    ['hostile', 7],
    ['empty', 0],
  ] as const)('a %s run draws %i charts without complaint or request', async (variant, charts) => {
    const { page, complaints } = await open(variant);
    expect(await page.evaluate(drawnCanvases)).toBe(charts);
    expect(await page.locator('.plot').count()).toBe(charts);
    expect(await page.evaluate('window.__broken')).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each([
    ['statements alone', ['statement'], 7],
    ['statements and Redis commands', ['statement', 'command'], 9],
  ] as const)('a run of %s with an outage draws its charts', async (_, kinds, charts) => {
    const path = join(dir, `${kinds.join('-')}.html`);
    writeFileSync(path, renderHtml(makeOperationsRecord({ kinds, windowCount: 30, outage: [12, 18] })));
    const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(path).href);
    expect(await page.evaluate(drawnCanvases)).toBe(charts);
    expect(await page.locator('.plot').count()).toBe(charts);
    expect(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the button switches the theme, and the charts follow', async () => {
    const { page, complaints } = await open('failing', 1280, 'dark');
    const background = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const chart = (): Promise<unknown> => page.evaluate(`document.querySelector('.plot canvas').toDataURL()`);
    const [darkBackground, darkChart] = [await background(), await chart()];
    await page.getByRole('button', { name: 'Switch to the light theme' }).click();
    expect(await background()).not.toBe(darkBackground);
    expect(await chart()).not.toBe(darkChart);
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    expect(await background()).toBe(darkBackground);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('before any cursor the legends show the last values, and those of the distribution all responses', async () => {
    const { page } = await open('failing');
    const legends = await page
      .locator('#chart-latency .u-value, #chart-throughput .u-value')
      .allTextContents();
    expect(legends).toHaveLength(8);
    expect(legends.filter((text) => /\d/.test(text))).toEqual(legends);
    expect(legends[0]).toBe('0:29');
    const [range, responses] = await page.locator('#chart-distribution .u-value').allTextContents();
    expect(range).toMatch(/ m?s to .* m?s$/);
    expect(Number(responses?.replaceAll(',', ''))).toBe(keyFigures(makeRecord('failing', 30)).requests);
    await page.close();
  });

  test('the time charts are equally wide, and reach to the right edge of their place', async () => {
    const { page } = await open('failing');
    const boxOf = async (selector: string) => (await page.locator(selector).boundingBox())!;
    const latency = await boxOf('#chart-latency .u-over');
    const throughput = await boxOf('#chart-throughput .u-over');
    expect([latency.x, latency.width]).toEqual([throughput.x, throughput.width]);
    const place = await boxOf('#chart-latency');
    expect(place.x + place.width - (latency.x + latency.width)).toBeLessThan(20);
    await page.close();
  });

  test('one cursor runs through all time charts and shows values with units', async () => {
    const { page } = await open('failing');
    await page.locator('#chart-latency .u-over').hover();
    const legends = await page
      .locator('#chart-latency .u-value, #chart-throughput .u-value')
      .allTextContents();
    expect(legends).toHaveLength(8);
    expect(legends[0]).toMatch(/^0:1\d$/);
    expect(legends[1]).toMatch(/ m?s$/);
    expect(legends[5]).toBe(legends[0]);
    expect(legends[6]).toMatch(/\/s$/);
    await page.close();
  });

  test('a click on a title sorts a table, a second one turns it round', async () => {
    const { page } = await open('failing');
    const tasks = page.locator('section:has(#tasks)');
    const order = (): Promise<string[]> => tasks.locator('tbody td:first-child').allTextContents();
    const requests = tasks.getByRole('button', { name: 'Max' });
    await requests.click();
    const descending = await order();
    expect(descending[0]).toBe('roi-report');
    await requests.click();
    expect(await order()).toEqual([...descending].reverse());
    expect(await tasks.locator('th[aria-sort=ascending]').textContent()).toBe('Max');
    await page.close();
  });

  test.each([360, 768, 1600])('at %i pixels the page does not scroll sideways', async (width) => {
    for (const variant of ['failing', 'hostile'] as const) {
      const { page } = await open(variant, width);
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await page.evaluate(overflow)).toBe(0);
      await page.close();
    }
  });

  test('a resized window draws the charts at their new width', async () => {
    const { page } = await open('failing', 1280);
    await page.setViewportSize({ width: 700, height: 900 });
    await page.waitForFunction(`document.querySelector('.uplot').clientWidth < 700`);
    expect(await page.evaluate(drawnCanvases)).toBe(7);
    await page.close();
  });

  /** Charts over time of the watched record: 3 of the load, 3 of the generator, and those of the four monitors. */
  const watchedTimeCharts = 3 + 3 + 3 + 2 + 2 + 2;

  test.each([
    ['failing', 1280],
    ['failing', 390],
    ['hostile', 1280],
    ['hostile', 390],
  ] as const)('a watched %s run draws its charts at %i pixels', async (variant, width) => {
    const { page, complaints } = await openRecord(makeWatchedRecord(variant), width);
    // One more is the distribution.
    expect(await page.evaluate(drawnCanvases)).toBe(watchedTimeCharts + 1);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
    expect(await page.evaluate(overflow)).toBe(0);
    expect(await page.evaluate('window.__broken')).toBeUndefined();
    const columns = `getComputedStyle(document.querySelector('.smalls')).gridTemplateColumns.split(' ').length`;
    expect(await page.evaluate(columns)).toBe(width === 1280 ? 3 : 1);
    expect(complaints).toEqual([]);
    await page.close();
  });

  /** Where each chart over time has its cursor, in seconds of the run. */
  const cursorTimes = `[...document.querySelectorAll('.plot')]
    .filter((plot) => plot.id !== 'chart-distribution')
    .map((plot) => plot.querySelector('.u-value').textContent)`;

  test('the cursor over a chart of the load moves in those of all monitors, and the other way round', async () => {
    const { page, complaints } = await openRecord(makeWatchedRecord());
    for (const [id, share] of [
      ['latency', 0.3],
      ['watched-1-0', 0.75],
    ] as const) {
      const over = page.locator(`#chart-${id} .u-over`);
      const box = (await over.boundingBox())!;
      await over.hover({ position: { x: box.width * share, y: box.height / 2 } });
      const times = (await page.evaluate(cursorTimes)) as string[];
      expect(times).toHaveLength(watchedTimeCharts);
      // The nearest moment that a chart knows of is at most a reading of two seconds away.
      for (const time of times) expect(Math.abs(Number(time.slice(2)) - 20 * share)).toBeLessThan(2.5);
    }
    const lines = `[...document.querySelectorAll('.u-cursor-x')].map((line) => new DOMMatrix(getComputedStyle(line).transform).e)`;
    const positions = (await page.evaluate(lines)) as number[];
    expect(positions.filter((x) => x > 0)).toHaveLength(watchedTimeCharts);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a part of the time chosen in one chart is shown by all, and a double click shows the whole run again', async () => {
    const { page } = await openRecord(makeWatchedRecord());
    const gap = '#chart-watched-0-0';
    const bars = (): Promise<number> => page.locator(`${gap} .mark-alert`).count();
    expect(await bars()).toBe(3);
    const over = page.locator('#chart-throughput .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = (await over.boundingBox())!;
    const at = (share: number): [number, number] => [box.x + box.width * share, box.y + box.height / 2];
    await page.mouse.move(...at(0.02));
    await page.mouse.down();
    await page.mouse.move(...at(0.25), { steps: 4 });
    await page.mouse.up();
    // Before 5 s no alert was firing and nothing happened.
    await expect.poll(bars).toBe(0);
    expect(await page.locator(`${gap} .mark-event`).count()).toBe(0);
    await over.dblclick();
    await expect.poll(bars).toBe(3);
    await page.close();
  });

  test('the line of a figure breaks in a gap, which is shaded', async () => {
    const { page } = await openRecord(makeWatchedRecord());
    /** How many pixels of a column are in the line's colour, and whether any is grey; by second of the run. */
    const column = (second: number) =>
      page.evaluate(`(() => {
        const canvas = document.querySelector('#chart-watched-0-1 canvas');
        const over = document.querySelector('#chart-watched-0-1 .u-over');
        const ratio = canvas.width / canvas.clientWidth;
        const x = Math.round((over.offsetLeft + (over.clientWidth * ${second}) / 20) * ratio);
        const { data } = canvas.getContext('2d').getImageData(x, over.offsetTop * ratio, 1, over.clientHeight * ratio);
        let line = 0, shade = 0;
        for (let k = 0; k < data.length; k += 4) {
          if (data[k + 2] - data[k] > 60 && data[k + 3] > 100) line++;
          else if (data[k + 3] > 40 && data[k + 3] < 90) shade++;
        }
        return { line: line > 0, shade: shade > 20 };
      })()`);
    expect(await column(5.3)).toEqual({ line: true, shade: false });
    expect(await column(11.2)).toEqual({ line: false, shade: true });
    expect(await column(15.3)).toEqual({ line: true, shade: false });
    await page.close();
  });

  test('events and alerts tell what they are by mouse and by keyboard', async () => {
    const { page, complaints } = await openRecord(makeWatchedRecord());
    const tip = page.locator('.tip');
    await page.locator('#chart-watched-0-1 .mark-event').hover();
    expect(await tip.textContent()).toBe('0:13  the server was restarted\n0:13  statistics were reset');
    await page.mouse.move(0, 0);
    expect(await tip.isVisible()).toBe(false);
    await page.locator('#chart-latency .mark-alert.critical').hover();
    expect(await tip.textContent()).toBe('Response times are above their limit: critical at 6s, for 6.5s');
    await page.mouse.move(0, 0);
    // Of the three charts of the monitor one takes the focus for its events.
    const focusable = page.locator('.mark-event:not([tabindex="-1"])');
    expect(await focusable.count()).toBe(1);
    await focusable.focus();
    expect(await tip.isVisible()).toBe(true);
    const [shown, view] = [(await tip.boundingBox())!, page.viewportSize()!];
    expect(shown.y).toBeGreaterThanOrEqual(0);
    expect(shown.y + shown.height).toBeLessThanOrEqual(view.height);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
