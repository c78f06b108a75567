// What is marked in the charts over time of report.html: outages, alerts, events, and times without readings.
// html-page-script.ts puts it into the page.

export const pageMarks = String.raw`  function fillSpans(u, spans, fill) {
    var ctx = u.ctx;
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.fillStyle = fill;
    spans.forEach(function (span) {
      var from = u.valToPos(span[0], 'x', true), until = u.valToPos(span[1], 'x', true);
      ctx.fillRect(from, u.bbox.top, Math.max(1, until - from), u.bbox.height);
    });
    ctx.restore();
  }
  function shadeOutages(u) { fillSpans(u, data.outagesSec, colour('--bad') + '1f'); }

  // One tip for the whole page, which stays within the window.
  var tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  document.body.appendChild(tip);
  var told = null;
  function hideTip() { tip.hidden = true; told = null; }
  function placeTip() {
    if (!told) return;
    var at = told.getBoundingClientRect();
    var left = Math.min(at.left + at.width / 2 - tip.offsetWidth / 2, root.clientWidth - tip.offsetWidth - 8);
    var above = at.top - tip.offsetHeight - 6;
    tip.style.left = Math.max(8, left) + 'px';
    tip.style.top = (above < 8 ? at.bottom + 6 : above) + 'px';
  }
  function showTip(mark, text) {
    told = mark;
    tip.textContent = text;
    tip.hidden = false;
    placeTip();
  }
  addEventListener('keydown', function (event) { if (event.key === 'Escape') hideTip(); });
  // A mark that takes the focus may make the page scroll.
  addEventListener('scroll', placeTip, { passive: true });
  function tell(mark, text) {
    mark.addEventListener('mouseenter', function () { showTip(mark, text); });
    mark.addEventListener('mouseleave', hideTip);
    mark.addEventListener('focus', function () { showTip(mark, text); });
    mark.addEventListener('blur', hideTip);
  }
  function addMark(u, tag, name, text) {
    var mark = document.createElement(tag);
    mark.className = 'mark-' + name;
    tell(mark, text);
    u.over.appendChild(mark);
    return mark;
  }
  function inside(u, from, until) {
    var x = u.scales.x;
    return x.min !== null && until >= x.min && from <= x.max;
  }

  // A bar along the upper edge for each time that an alert was firing, one row per alert.
  function markAlerts(u) {
    data.alertsSec.forEach(function (alert) {
      if (!inside(u, alert.from, alert.until)) return;
      var width = u.over.clientWidth;
      var from = Math.max(0, u.valToPos(alert.from, 'x')), until = Math.min(width, u.valToPos(alert.until, 'x'));
      var bar = addMark(u, 'div', 'alert ' + alert.level, alert.text);
      bar.style.left = from + 'px';
      bar.style.width = Math.max(3, until - from) + 'px';
      bar.style.top = Math.min(alert.row, 3) * 6 + 'px';
    });
  }

  // Events that would lie upon each other have one mark. Only those of a monitor's first chart take the focus.
  function markEvents(u, events, takesFocus) {
    var marks = [];
    events.forEach(function (event) {
      if (!inside(u, event.at, event.at)) return;
      var x = u.valToPos(event.at, 'x'), last = marks[marks.length - 1];
      if (last && x - last.x < 12) last.events.push(event);
      else marks.push({ x: x, events: [event] });
    });
    marks.forEach(function (one) {
      var texts = one.events.slice(0, 5).map(function (event) { return clock(event.at) + '  ' + event.text; });
      if (one.events.length > 5) texts.push('and ' + (one.events.length - 5) + ' more');
      var mark = addMark(u, 'button', 'event', texts.join('\n'));
      mark.type = 'button';
      mark.style.left = one.x + 'px';
      mark.setAttribute('aria-label', texts.join('; '));
      if (!takesFocus) mark.tabIndex = -1;
    });
  }
  function drawEventLines(u, events) {
    var ctx = u.ctx;
    ctx.save();
    ctx.strokeStyle = colour('--faint');
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    ctx.beginPath();
    events.forEach(function (event) {
      if (!inside(u, event.at, event.at)) return;
      var x = Math.round(u.valToPos(event.at, 'x', true));
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
    });
    ctx.stroke();
    ctx.restore();
  }
  function remark(u, events, takesFocus) {
    if (told && u.over.contains(told)) hideTip();
    Array.prototype.forEach.call(u.over.querySelectorAll('[class^=mark-]'), function (mark) { mark.remove(); });
    markAlerts(u);
    markEvents(u, events, takesFocus);
  }
`;
