/**
 * Returns the value that would be at index `k` if the values were sorted ascending. It reorders them, in linear time: values before
 * index `k` are not greater, values after it are not less.
 *
 * @see Hoare, Algorithm 65: Find (1961)
 */
export function selectKth(values: Float64Array, k: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = medianOfThree(at(values, low), at(values, (low + high) >> 1), at(values, high));
    let [i, j] = [low, high];
    while (i <= j) {
      while (at(values, i) < pivot) i++;
      while (at(values, j) > pivot) j--;
      if (i > j) break;
      [values[i], values[j]] = [at(values, j), at(values, i)];
      i++;
      j--;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return at(values, k);
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
