/** Three channels as light, 1 = the white of a sheet of paper. */
export type Rgb = readonly [number, number, number];
/** Rows of a 3 x 3 matrix. */
export type Matrix = readonly [Rgb, Rgb, Rgb];

export const times = (m: Matrix, [x, y, z]: Rgb): Rgb => {
  const row = ([a, b, c]: Rgb) => a * x + b * y + c * z;
  return [row(m[0]), row(m[1]), row(m[2])];
};

export const inverse = ([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix => {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const over = (v: number) => v / determinant;
  return [
    [over(e * i - f * h), over(c * h - b * i), over(b * f - c * e)],
    [over(f * g - d * i), over(a * i - c * g), over(c * d - a * f)],
    [over(d * h - e * g), over(b * g - a * h), over(a * e - b * d)],
  ];
};
