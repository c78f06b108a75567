/** Normal equations: `matrix` times the solution is `right`. */
export interface LinearSystem {
  readonly matrix: number[][];
  readonly right: number[];
}

/**
 * The solution of a positive definite symmetric system of a few equations, or `undefined` when it has none. Rows and
 * columns are scaled first, since the columns of a fit differ by many powers of ten.
 *
 * **Source:** Cholesky's decomposition; G. Golub and C. Van Loan, "Matrix Computations" (2013), section 4.2.
 */
export function solveSymmetric({ matrix, right }: LinearSystem): number[] | undefined {
  const scale = matrix.map((row, i) => Math.sqrt(row[i]!));
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    if (!(scale[i]! > 0)) return undefined;
    lower.push([]);
    for (let j = 0; j <= i; j++) {
      let sum = row[j]! / (scale[i]! * scale[j]!);
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      if (i === j && !(sum > 1e-15)) return undefined;
      lower[i]!.push(i === j ? Math.sqrt(sum) : sum / lower[j]![j]!);
    }
  }
  const forward: number[] = [];
  for (const [i, row] of lower.entries()) {
    let sum = right[i]! / scale[i]!;
    for (let k = 0; k < i; k++) sum -= row[k]! * forward[k]!;
    forward.push(sum / row[i]!);
  }
  const solution = new Array<number>(lower.length).fill(0);
  for (let i = lower.length - 1; i >= 0; i--) {
    let sum = forward[i]!;
    for (let k = i + 1; k < lower.length; k++) sum -= lower[k]![i]! * solution[k]!;
    solution[i] = sum / lower[i]![i]!;
  }
  return solution.map((value, i) => value / scale[i]!);
}
