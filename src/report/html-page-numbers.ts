// How report.html prints numbers in the browser: the formats of format-figure.ts again, and shorter ones for axes.
// html-page-script.ts puts it into the page.

export const pageNumbers = String.raw`  function group(text) {
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
  // For axes, whose room is small: 2,500,000 is 2.5 M.
  function short(value) { return Math.abs(value) < 1e6 ? trimmed(value) : trimmed(value / 1e6) + ' M'; }
  var formats = {
    ms: function (v) { return v === 0 ? '0 ms' : Math.abs(v) < 999.5 ? exact(v) + ' ms' : exact(v / 1000) + ' s'; },
    'per-second': function (v) { return trimmed(v) + '/s'; },
    count: function (v) { return trimmed(v); },
    ratio: function (v) { return trimmed(v * 100) + ' %'; },
    bytes: function (v) {
      var units = ['B', 'kB', 'MB', 'GB', 'TB'], k = 0;
      while (k < 4 && Math.abs(v) >= 999.5) { v /= 1000; k++; }
      return trimmed(v) + ' ' + units[k];
    }
  };
  var axisFormats = {
    ms: function (v) { return v === 0 ? '0' : Math.abs(v) < 1000 ? trimmed(v) + ' ms' : trimmed(v / 1000) + ' s'; },
    'per-second': function (v) { return short(v) + '/s'; },
    count: short, ratio: formats.ratio, bytes: function (v) { return v === 0 ? '0' : formats.bytes(v); }
  };
  ['ms', 'ratio', 'bytes'].forEach(function (unit) {
    var perSecond = unit + '-per-second';
    formats[perSecond] = function (v) { return formats[unit](v) + '/s'; };
    axisFormats[perSecond] = function (v) { return v === 0 ? '0' : formats[unit](v) + '/s'; };
  });
  function clock(seconds) {
    var whole = Math.floor(seconds + 1e-6);
    var h = Math.floor(whole / 3600), m = Math.floor(whole % 3600 / 60), s = whole % 60;
    var two = function (n) { return (n < 10 ? '0' : '') + n; };
    return h > 0 ? h + ':' + two(m) + ':' + two(s) : m + ':' + two(s);
  }

  // Seconds between the labels of a time axis, such as people count in.
  var clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
  var wholeSteps = [];
  for (var e = 0; e < 10; e++) [1, 2, 5].forEach(function (m) { wholeSteps.push(m * Math.pow(10, e)); });`;
