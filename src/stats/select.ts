// Finds single ranks among numbers without sorting them. Used by median.ts and theil-sen.ts.

/** Parts of fewer numbers are not sampled. */
const leastSampled = 600;

/**
 * The value that would stand at `index` were `numbers` sorted, which lies between `left` and `right`, inclusive; reorders
 * these so that none before it is greater and none behind it less.
 *
 * **Source:** R. W. Floyd and R. L. Rivest, "Algorithm 489: SELECT", Comm. ACM 18 (1975) 173: the pivot is selected from a
 * sample, so that little more is looked at than the numbers themselves.
 */
export function selectInPlace(numbers: Float64Array, index: number, left: number, right: number): number {
  let [low, high] = [left, right];
  while (low < high) {
    if (high - low > leastSampled) {
      const count = high - low + 1;
      const place = index - low + 1;
      const z = Math.log(count);
      const size = 0.5 * Math.exp((2 * z) / 3);
      const spread = 0.5 * Math.sqrt((z * size * (count - size)) / count) * Math.sign(place - count / 2);
      const from = Math.max(low, Math.floor(index - (place * size) / count + spread));
      const until = Math.min(high, Math.floor(index + ((count - place) * size) / count + spread));
      selectInPlace(numbers, index, from, until);
    }
    const pivot = numbers[index]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (numbers[i]! < pivot) i++;
      while (numbers[j]! > pivot) j--;
      if (i > j) break;
      const held = numbers[i]!;
      numbers[i++] = numbers[j]!;
      numbers[j--] = held;
    }
    if (j < index) low = i;
    if (i > index) high = j;
  }
  return numbers[index]!;
}
