// What report.html does in the browser: draws the charts, switches the theme, sorts tables. Plain text here, since
// it runs in a page without modules; `tests/report-html.test.ts` drives it in a real browser.

export const pageScript = String.raw`(function () {
  'use strict';
  var root = document.documentElement;
  var data = JSON.parse(document.getElementById('chart-data').textContent);
  var plots = [];
  var printing = false;
  var narrow = function () { return root.clientWidth < 560; };
  var colour = function (name) { return getComputedStyle(root).getPropertyValue(name).trim(); };

  function group(text) {
    var parts = text.split('.');
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ',');
    return parts.join('.');
  }
  function digits(value) {
    var size = Math.abs(value);
    if (size === 0) return '0';
    return group(value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2));
  }
  function trimmed(value) {
    var text = digits(value);
    return text.indexOf('.') < 0 ? text : text.replace(/\.?0+$/, '');
  }
  function exact(value) {
    var text = trimmed(value);
    return Number(text.replace(/,/g, '')) === value ? text : digits(value);
  }
  var formats = {
    ms: function (v) { return v === 0 ? '0 ms' : Math.abs(v) < 999.5 ? exact(v) + ' ms' : exact(v / 1000) + ' s'; },
    'per-second': function (v) { return trimmed(v) + '/s'; },
    count: function (v) { return trimmed(v); },
    ratio: function (v) { return trimmed(v * 100) + ' %'; }
  };
  var axisFormats = {
    ms: function (v) { return v === 0 ? '0' : Math.abs(v) < 1000 ? trimmed(v) + ' ms' : trimmed(v / 1000) + ' s'; },
    'per-second': formats['per-second'], count: formats.count, ratio: formats.ratio
  };
  function clock(seconds) {
    var whole = Math.floor(seconds + 1e-6);
    var h = Math.floor(whole / 3600), m = Math.floor(whole % 3600 / 60), s = whole % 60;
    var two = function (n) { return (n < 10 ? '0' : '') + n; };
    return h > 0 ? h + ':' + two(m) + ':' + two(s) : m + ':' + two(s);
  }

  var wholeSteps = [];
  for (var e = 0; e < 10; e++) [1, 2, 5].forEach(function (m) { wholeSteps.push(m * Math.pow(10, e)); });

  function axis(extra) {
    return Object.assign({
      stroke: colour('--dim'), font: '12px system-ui, sans-serif',
      grid: { stroke: colour('--grid'), width: 1 }, ticks: { show: false }
    }, extra);
  }
  function valueAxis(scale, unit, side) {
    return axis({
      scale: scale, side: side, size: narrow() ? 48 : 62, gap: 4,
      incrs: unit === 'count' ? wholeSteps : undefined,
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
  // The labels of the right scale stand inside the plot and above their height, where a level line does not cross
  // them: so every plot is equally wide, and all share one time scale.
  function drawRightLabels(u, right) {
    var ctx = u.ctx, ratio = uPlot.pxRatio, top = u.scales.right.max;
    var step = wholeSteps.filter(function (one) { return top / one <= 5; })[0];
    ctx.save();
    ctx.font = 12 * ratio + 'px system-ui, sans-serif';
    ctx.textBaseline = 'bottom';
    ctx.textAlign = 'right';
    ctx.fillStyle = colour(right.colour);
    for (var at = step; at <= top; at += step) {
      ctx.fillText(axisFormats[right.unit](at), u.bbox.left + u.bbox.width - 4 * ratio, u.valToPos(at, 'right', true) - 2 * ratio);
    }
    ctx.restore();
  }

  function shadeOutages(u) {
    var ctx = u.ctx;
    ctx.save();
    ctx.fillStyle = colour('--bad') + '1f';
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    data.outagesSec.forEach(function (span) {
      var from = u.valToPos(span[0], 'x', true), until = u.valToPos(span[1], 'x', true);
      ctx.fillRect(from, u.bbox.top, Math.max(1, until - from), u.bbox.height);
    });
    ctx.restore();
  }

  function timeOptions(chart, width) {
    var left = chart.series.filter(function (s) { return s.side === 'left'; })[0];
    var right = chart.series.filter(function (s) { return s.side === 'right'; })[0];
    var axes = [axis({ space: 60, size: 32, gap: 8, values: function (u, splits) { return splits.map(clock); } })];
    if (left) axes.push(valueAxis('left', left.unit, 3));
    if (right) axes.push({ scale: 'right', side: 1, show: false });
    return {
      width: width, height: chart.small ? 136 : 246,
      padding: [8, chart.small ? 12 : 16, null, null],
      scales: { x: { time: false }, left: { range: fromZero }, right: { range: fromZeroWithLabel } },
      axes: axes,
      cursor: { sync: { key: 'run', setSeries: false }, drag: { x: true, y: false }, points: { size: 6 } },
      legend: { live: true },
      hooks: {
        drawClear: [shadeOutages],
        draw: right ? [function (u) { drawRightLabels(u, right); }] : []
      },
      series: [{ label: 'at', value: legendValue(clock) }].concat(chart.series.map(function (s) {
        var stroke = colour(s.colour);
        return {
          label: s.label, scale: s.side, stroke: stroke,
          width: s.style === 'faint' ? 1 : 1.75,
          dash: s.style === 'faint' ? [3, 3] : undefined,
          fill: s.style === 'area' ? stroke + '22' : undefined,
          paths: s.style === 'step' ? uPlot.paths.stepped({ align: 1 }) : undefined,
          points: { show: data.timeSec.length < 3 },
          spanGaps: false, value: legendValue(formats[s.unit])
        };
      }))
    };
  }

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
        valueAxis('left', 'count', 3)
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
    data.charts.forEach(function (chart) {
      var place = document.getElementById('chart-' + chart.id);
      if (!place) return;
      var columns = [data.timeSec].concat(chart.series.map(function (s) { return s.values; }));
      plots.push(new uPlot(timeOptions(chart, place.clientWidth), columns, place));
    });
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
