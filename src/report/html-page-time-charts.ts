// The charts over time of report.html, the load's and the monitors': one x axis from start to end of the run, one cursor.
// html-page-script.ts puts it into the page.

export const pageTimeCharts = `  // The labels of the right scale stand inside the plot and above their height, where a level line does not cross
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

  // All of the run, unless a part of it was chosen.
  function wholeRun(u, low, high) {
    var times = u.data[0], isAll = times.length < 2 || low === times[0] && high === times[times.length - 1];
    return isAll ? [0, data.endSec] : [low, high];
  }
  // From 0, or from below 0 for what can shrink; with room for the bars of alerts above the highest value.
  function withHeadroom(isSmall) {
    var factor = data.alertsSec.length === 0 ? 1.08 : isSmall ? 1.25 : 1.12;
    return function (u, low, high) {
      return [low < 0 ? low * 1.08 : 0, high > 0 ? high * factor : low < 0 ? 0 : 1];
    };
  }
  // A value with neither neighbour has no line, so it gets a point.
  function lonePoints(u, series, show) {
    if (show) return null;
    var values = u.data[series];
    return values.map(function (v, k) { return k; }).filter(function (k) {
      return !missing(values[k]) && missing(values[k - 1]) && missing(values[k + 1]);
    });
  }
  function timeBase(width, isSmall) {
    return {
      width: width, height: isSmall ? 136 : 246,
      // To the right, room for half of the last label.
      padding: [8, Math.ceil(clock(data.endSec).length * 3.6) + 2, null, null],
      cursor: {
        y: false, sync: { key: 'run', setSeries: false, scales: ['x', null] },
        drag: { x: true, y: false }, points: { size: 6 }
      },
      legend: { live: true }
    };
  }
  function timeAxis() {
    return axis({ space: 60, size: 32, gap: 8, incrs: clockSteps, values: function (u, splits) { return splits.map(clock); } });
  }

  function timeOptions(chart, width) {
    var left = chart.series.filter(function (s) { return s.side === 'left'; })[0];
    var right = chart.series.filter(function (s) { return s.side === 'right'; })[0];
    var axes = [timeAxis()];
    if (left) axes.push(valueAxis('left', left.unit, 3, left.unit === 'count'));
    if (right) axes.push({ scale: 'right', side: 1, show: false });
    return Object.assign(timeBase(width, chart.small), {
      scales: { x: { time: false, range: wholeRun }, left: { range: withHeadroom(chart.small) }, right: { range: fromZeroWithLabel } },
      axes: axes,
      hooks: {
        drawClear: [shadeOutages],
        draw: [function (u) { if (right) drawRightLabels(u, right); remark(u, [], false); }]
      },
      series: [{ label: 'at', value: legendValue(clock) }].concat(chart.series.map(function (s) {
        var stroke = colour(s.colour);
        return {
          label: s.label, scale: s.side, stroke: stroke,
          width: s.style === 'faint' ? 1 : 1.75,
          dash: s.style === 'faint' ? [3, 3] : undefined,
          fill: s.style === 'area' ? stroke + '22' : undefined,
          paths: s.style === 'step' ? uPlot.paths.stepped({ align: 1 }) : undefined,
          points: { show: data.timeSec.length < 3, filter: lonePoints },
          spanGaps: false, value: legendValue(formats[s.unit])
        };
      }))
    });
  }

  // Each figure is one series, and two more without a line of their own where it has a least and a greatest value.
  function watchedPlot(monitor, chart, isFirst, place, width) {
    var columns = [monitor.timeSec], series = [{ label: 'at', value: legendValue(clock) }], bands = [];
    var isWhole = chart.unit === 'count' || chart.unit === 'per-second';
    chart.series.forEach(function (s) {
      var stroke = colour(s.colour);
      // What is either so or not has nothing in between.
      var isFlag = !s.max && s.avg.every(function (v) { return missing(v) || v === 0 || v === 1; });
      columns.push(s.avg);
      series.push({
        label: s.label, scale: 'left', stroke: stroke, width: 1.75, spanGaps: false,
        paths: isFlag ? uPlot.paths.stepped({ align: 1 }) : undefined,
        points: { show: false, filter: lonePoints }, value: legendValue(formats[chart.unit])
      });
      if (s.max) {
        bands.push({ series: [series.length + 1, series.length], fill: stroke + '2e' });
        [s.min, s.max].forEach(function (edge) {
          columns.push(edge);
          series.push({ label: '', class: 'edge', scale: 'left', width: 0, spanGaps: false, points: { show: false } });
        });
      }
      var tops = s.max || s.avg;
      if (Math.max.apply(null, tops) < 5 && !tops.every(function (v) { return missing(v) || Number.isInteger(v); })) isWhole = false;
    });
    return new uPlot(Object.assign(timeBase(width, true), {
      scales: { x: { time: false, range: wholeRun }, left: { range: withHeadroom(true) } },
      axes: [timeAxis(), valueAxis('left', chart.unit, 3, isWhole)],
      bands: bands,
      hooks: {
        drawClear: [shadeOutages, function (u) {
          fillSpans(u, monitor.gapsSec, colour('--faint') + '40');
          drawEventLines(u, monitor.events);
        }],
        draw: [function (u) { remark(u, monitor.events, isFirst); }],
        // A figure that is switched off in the legend takes its band along.
        setSeries: [function (u, k, changed) {
          if (k === null || changed.show === undefined || u.series[k].class === 'edge') return;
          for (var edge = k + 1; u.series[edge] && u.series[edge].class === 'edge'; edge++) u.setSeries(edge, { show: changed.show });
        }]
      },
      series: series
    }), columns, place);
  }

  // All widths are read before anything is drawn: each drawing would make the browser lay out the page again.
  function drawTimeCharts() {
    var tasks = [];
    function plan(id, draw) {
      var place = document.getElementById('chart-' + id);
      if (place) tasks.push({ place: place, width: place.clientWidth, draw: draw });
    }
    data.charts.forEach(function (chart) {
      plan(chart.id, function (place, width) {
        var columns = [data.timeSec].concat(chart.series.map(function (s) { return s.values; }));
        return new uPlot(timeOptions(chart, width), columns, place);
      });
    });
    data.watched.forEach(function (monitor) {
      monitor.charts.forEach(function (chart, k) {
        plan(chart.id, function (place, width) { return watchedPlot(monitor, chart, k === 0, place, width); });
      });
    });
    tasks.forEach(function (task) { plots.push(task.draw(task.place, task.width)); });
  }
`;
