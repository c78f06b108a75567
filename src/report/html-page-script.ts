// What report.html does in the browser: draws the charts, switches the theme, sorts tables. Plain text here, since
// it runs in a page without modules; `tests/report-html.test.ts` drives it in a real browser.

import { pageMarks } from './html-page-marks.ts';
import { pageNumbers } from './html-page-numbers.ts';
import { pageTimeCharts } from './html-page-time-charts.ts';

export const pageScript = `(function () {
  'use strict';
  var root = document.documentElement;
  var data = JSON.parse(document.getElementById('chart-data').textContent);
  var plots = [];
  var printing = false;
  var narrow = function () { return root.clientWidth < 560; };
  // Asked for often, and each answer of the browser's may cost it a layout: kept until the next drawing.
  var colours = {};
  var colour = function (name) {
    colours[name] = colours[name] || getComputedStyle(root).getPropertyValue(name).trim();
    return colours[name];
  };

${pageNumbers}
  function axis(extra) {
    return Object.assign({
      stroke: colour('--dim'), font: '12px system-ui, sans-serif',
      grid: { stroke: colour('--grid'), width: 1 }, ticks: { show: false }
    }, extra);
  }
  function valueAxis(scale, unit, side, isWhole) {
    return axis({
      scale: scale, side: side, size: narrow() ? 48 : 62, gap: 4,
      incrs: isWhole ? wholeSteps : undefined,
      values: function (u, splits) { return splits.map(function (v) { return v === null ? '' : axisFormats[unit](v); }); },
      grid: side === 3 ? { stroke: colour('--grid'), width: 1 } : { show: false }
    });
  }
  function fromZero(u, low, high) { return [0, high > 0 ? high * 1.08 : 1]; }
  // With room for a label above the highest value.
  function fromZeroWithLabel(u, low, high) { return [0, high > 0 ? high * 1.15 : 1]; }
  function missing(v) { return v === null || v === undefined; }
  // Without a cursor over the chart, the last point that each series has.
  function legendValue(format) {
    return function (u, v, series, index) {
      var values = u.data[series], k = values.length - 1;
      if (!missing(index)) return missing(v) ? '–' : format(v);
      while (k > 0 && missing(values[k])) k--;
      return missing(values[k]) ? '–' : format(values[k]);
    };
  }
${pageMarks}
${pageTimeCharts}
  function distributionOptions(bins, markers, width) {
    var step = Math.log10(bins[0].toMs) - Math.log10(bins[0].fromMs);
    var low = Math.log10(bins[0].fromMs), high = Math.log10(bins[bins.length - 1].toMs);
    return {
      width: width, height: 246, padding: [8, 16, null, null],
      scales: { x: { time: false, range: [low, high] }, left: { range: fromZero } },
      axes: [
        axis({
          size: 32, gap: 8,
          splits: function () {
            var all = [], rough = [];
            for (var e = Math.floor(low); e <= high; e++) [1, 2, 5].forEach(function (m) {
              var at = Math.log10(m) + e;
              if (at < low || at > high) return;
              all.push(at);
              if (m === 1) rough.push(at);
            });
            return all.length > (narrow() ? 6 : 14) && rough.length > 1 ? rough : all;
          },
          values: function (u, splits) { return splits.map(function (v) { return axisFormats.ms(Number((Math.pow(10, v)).toPrecision(2))); }); }
        }),
        valueAxis('left', 'count', 3, true)
      ],
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      legend: { live: true },
      series: [
        { label: 'response time', value: function (u, v, s, i) {
          var first = bins[missing(i) ? 0 : i], last = bins[missing(i) ? bins.length - 1 : i];
          return formats.ms(first.fromMs) + ' to ' + formats.ms(last.toMs);
        } },
        { label: 'responses', scale: 'left', stroke: colour('--c2'), fill: colour('--c2') + '55', width: 1,
          paths: uPlot.paths.bars({ size: [0.92, Infinity] }), points: { show: false },
          value: function (u, v, s, i) {
            var all = bins.reduce(function (sum, bin) { return sum + bin.count; }, 0);
            return group(String(Math.round(missing(i) ? all : v)));
          } }
      ],
      hooks: { draw: [function (u) { drawMarkers(u, markers); }] }
    };
  }
  function drawMarkers(u, markers) {
    var ctx = u.ctx, ratio = uPlot.pxRatio, lastEnd = -Infinity, row = 0;
    ctx.save();
    ctx.font = 12 * ratio + 'px system-ui, sans-serif';
    ctx.textBaseline = 'top';
    ctx.textAlign = 'left';
    markers.forEach(function (marker, k) {
      var x = Math.round(u.valToPos(Math.log10(Math.max(0.001, marker.ms)), 'x', true));
      var text = marker.label + ' ' + formats.ms(marker.ms);
      var size = ctx.measureText(text).width, pad = 5 * ratio;
      var fits = x + pad + size <= u.bbox.left + u.bbox.width;
      var start = fits ? x + pad : x - pad - size;
      row = start < lastEnd + pad ? row + 1 : 0;
      lastEnd = Math.max(lastEnd, start + size);
      ctx.strokeStyle = ctx.fillStyle = colour(['--c1', '--c2', '--c3'][k]);
      ctx.lineWidth = 1.5 * ratio;
      ctx.setLineDash([4 * ratio, 3 * ratio]);
      ctx.beginPath(); ctx.moveTo(x, u.bbox.top); ctx.lineTo(x, u.bbox.top + u.bbox.height); ctx.stroke();
      ctx.fillText(text, start, u.bbox.top + 2 * ratio + row * 16 * ratio);
    });
    ctx.restore();
  }

  function capacityOptions(width) {
    var line = function (label, name) {
      return { label: label, scale: 'left', stroke: colour(name), width: 1.75, points: { show: true, size: 6 },
        value: legendValue(formats.ms) };
    };
    return {
      width: width, height: 246, padding: [8, 16, null, null],
      scales: { x: { time: false, range: fromZero }, left: { range: fromZero } },
      axes: [
        axis({ space: 60, size: 32, gap: 8, values: function (u, splits) { return splits.map(formats['per-second']); } }),
        valueAxis('left', 'ms', 3)
      ],
      cursor: { drag: { x: false, y: false } },
      legend: { live: true },
      series: [{ label: 'throughput', value: legendValue(formats['per-second']) }, line('p95', '--c2'), line('p50', '--c1')]
    };
  }

  function draw() {
    plots.forEach(function (plot) { plot.destroy(); });
    plots = [];
    colours = {};
    drawTimeCharts();
    var curve = document.getElementById('chart-capacity');
    if (curve && data.capacity) {
      var c = data.capacity;
      plots.push(new uPlot(capacityOptions(curve.clientWidth), [c.throughputPerSec, c.p95, c.p50], curve));
    }
    data.distributions.forEach(function (distribution) {
      var place = document.getElementById('chart-' + distribution.id);
      if (!place) return;
      var bins = distribution.bins;
      var middles = bins.map(function (b) { return (Math.log10(b.fromMs) + Math.log10(b.toMs)) / 2; });
      var counts = bins.map(function (b) { return b.count; });
      plots.push(new uPlot(distributionOptions(bins, distribution.markers, place.clientWidth), [middles, counts], place));
    });
  }

  function isDark() {
    if (printing) return false;
    var chosen = root.getAttribute('data-theme');
    return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  var toggle = document.getElementById('theme');
  function showTheme() {
    toggle.textContent = isDark() ? 'Light' : 'Dark';
    toggle.setAttribute('aria-label', isDark() ? 'Switch to the light theme' : 'Switch to the dark theme');
    draw();
  }
  toggle.hidden = false;
  toggle.addEventListener('click', function () {
    root.setAttribute('data-theme', isDark() ? 'light' : 'dark');
    showTheme();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showTheme);
  addEventListener('beforeprint', function () { printing = true; draw(); });
  addEventListener('afterprint', function () { printing = false; draw(); });
  var drawnWidth = root.clientWidth, waiting = 0;
  addEventListener('resize', function () {
    if (root.clientWidth === drawnWidth) return;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(function () { drawnWidth = root.clientWidth; draw(); });
  });

  Array.prototype.forEach.call(document.querySelectorAll('table.sortable'), function (table) {
    var titles = Array.prototype.slice.call(table.tHead.rows[0].cells);
    titles.forEach(function (title, column) {
      var button = title.querySelector('button');
      if (button) button.addEventListener('click', function () { sort(table, titles, column); });
    });
  });
  function sort(table, titles, column) {
    var title = titles[column], body = table.tBodies[0];
    var before = title.getAttribute('aria-sort');
    var numeric = title.classList.contains('n');
    var up = before ? before === 'descending' : !numeric;
    titles.forEach(function (other) { other.removeAttribute('aria-sort'); });
    title.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (a, b) {
      var x = a.cells[column], y = b.cells[column];
      var order = numeric ? Number(x.dataset.sort) - Number(y.dataset.sort) : x.textContent.localeCompare(y.textContent);
      return up ? order : -order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }
  showTheme();
})();`;
