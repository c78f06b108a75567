// Taxes worked independently of any system: from the formulas of the laws, in decimal arithmetic, with what is
// due at the foot of each bracket. The answers of the platform under load are held against them.

/** Region, taxable income, national tax, regional and municipal addition, in euro; beside it how the regional one comes about. */
export const irpefCases: readonly (readonly [
  region: string,
  income: number,
  national: number,
  regional: number,
  municipal: number,
])[] = [
  ['abruzzo', 12345.67, 2839.5, 206.17, 0], // regional: 1.67 % of 12345.67
  ['abruzzo', 21780.35, 5009.48, 363.73, 130.68], // regional: 1.67 % of 21780.35
  ['abruzzo', 37419.8, 9548.53, 737.95, 224.52], // regional: 467.6 + 2.87 % of 9419.80
  ['abruzzo', 68250.55, 21547.74, 1706.74, 409.5], // regional: 1099 + 3.33 % of 18250.55
  ['abruzzo', 28000, 6440, 467.6, 168], // regional: 1.67 % of 28000
  ['basilicata', 12345.67, 2839.5, 151.85, 98.77], // regional: 1.23 % of 12345.67
  ['basilicata', 21780.35, 5009.48, 267.9, 174.24], // regional: 1.23 % of 21780.35
  ['basilicata', 37419.8, 9548.53, 460.26, 299.36], // regional: 1.23 % of 37419.80
  ['basilicata', 68250.55, 21547.74, 839.48, 582.51], // regional: 1.23 % of 68250.55
  ['bolzano', 12345.67, 2839.5, 0, 0], // regional: 1.23 % of 12345.67 - 430.50, not below 0
  ['bolzano', 21780.35, 5009.48, 0, 0], // regional: 1.23 % of 21780.35 - 430.50, not below 0
  ['bolzano', 37419.8, 9548.53, 29.76, 0], // regional: 1.23 % of 37419.80 - 430.50
  ['bolzano', 68250.55, 21547.74, 408.98, 0], // regional: 615 + 1.73 % of 18250.55 - 430.50 - 91.25275
  ['bolzano', 35000, 8750, 0, 0], // regional: 1.23 % of 35000 - 430.50
  ['bolzano', 75000, 24450, 492, 0], // regional: 615 + 1.73 % of 25000 - 430.50 - 125
  ['bolzano', 95000, 33050, 1268.5, 0], // regional: 615 + 1.73 % of 45000 - 125
  ['calabria', 12345.67, 2839.5, 213.58, 98.77], // regional: 1.73 % of 12345.67
  ['calabria', 21780.35, 5009.48, 376.8, 174.24], // regional: 1.73 % of 21780.35
  ['calabria', 37419.8, 9548.53, 647.36, 299.36], // regional: 1.73 % of 37419.80
  ['calabria', 68250.55, 21547.74, 1180.73, 546], // regional: 1.73 % of 68250.55
  ['campania', 12345.67, 2839.5, 213.58, 123.46], // regional: 1.73 % of 12345.67
  ['campania', 21780.35, 5009.48, 460.2, 217.8], // regional: 259.5 + 2.96 % of 6780.35
  ['campania', 37419.8, 9548.53, 945.73, 374.2], // regional: 644.3 + 3.20 % of 9419.80
  ['campania', 68250.55, 21547.74, 1956.04, 682.51], // regional: 1348.3 + 3.33 % of 18250.55
  ['emilia-romagna', 12345.67, 2839.5, 164.2, 0], // regional: 1.33 % of 12345.67
  ['emilia-romagna', 21780.35, 5009.48, 330.36, 174.24], // regional: 199.5 + 1.93 % of 6780.35
  ['emilia-romagna', 37419.8, 9548.53, 712.27, 299.36], // regional: 450.4 + 2.78 % of 9419.80
  ['emilia-romagna', 68250.55, 21547.74, 1669.74, 546], // regional: 1062 + 3.33 % of 18250.55
  ['friuli-venezia-giulia', 12345.67, 2839.5, 86.42, 0], // regional: 0.70 % of 12345.67
  ['friuli-venezia-giulia', 21780.35, 5009.48, 267.9, 174.24], // regional: 1.23 % of 21780.35
  ['friuli-venezia-giulia', 37419.8, 9548.53, 460.26, 299.36], // regional: 1.23 % of 37419.80
  ['friuli-venezia-giulia', 68250.55, 21547.74, 839.48, 546], // regional: 1.23 % of 68250.55
  ['friuli-venezia-giulia', 15000, 3450, 105, 120], // regional: 0.70 % of 15000
  ['friuli-venezia-giulia', 15000.01, 3450, 184.5, 120], // regional: 1.23 % of 15000.01
  ['lazio', 12345.67, 2839.5, 213.58, 0], // regional: 1.73 % of 12345.67
  ['lazio', 21780.35, 5009.48, 376.8, 196.02], // regional: 1.73 % of 21780.35
  ['lazio', 37419.8, 9548.53, 1006.08, 336.78], // regional: 259.5 + 3.33 % of 22419.80
  ['lazio', 68250.55, 21547.74, 2032.74, 614.25], // regional: 259.5 + 3.33 % of 53250.55
  ['lazio', 28000, 6440, 484.4, 252], // regional: 1.73 % of 28000
  ['lazio', 29500, 6935, 682.35, 265.5], // regional: 259.5 + 3.33 % of 14500 - 60
  ['lazio', 15000, 3450, 259.5, 135], // regional: 1.73 % of 15000
  ['liguria', 12345.67, 2839.5, 151.85, 0], // regional: 1.23 % of 12345.67
  ['liguria', 21780.35, 5009.48, 267.9, 217.8], // regional: 1.23 % of 21780.35
  ['liguria', 37419.8, 9548.53, 643.95, 383.62], // regional: 344.4 + 3.18 % of 9419.80
  ['liguria', 68250.55, 21547.74, 1633.49, 741.01], // regional: 1044 + 3.23 % of 18250.55
  ['lombardia', 12345.67, 2839.5, 151.85, 0], // regional: 1.23 % of 12345.67
  ['lombardia', 21780.35, 5009.48, 291.63, 0], // regional: 184.5 + 1.58 % of 6780.35
  ['lombardia', 37419.8, 9548.53, 551.92, 299.36], // regional: 389.9 + 1.72 % of 9419.80
  ['lombardia', 68250.55, 21547.74, 1084.03, 546], // regional: 768.3 + 1.73 % of 18250.55
  ['lombardia', 23000, 5290, 310.9, 0], // regional: 184.5 + 1.58 % of 8000
  ['lombardia', 23000.01, 5290, 310.9, 184], // regional: 184.5 + 1.58 % of 8000.01
  ['lombardia', 50000, 13700, 768.3, 400], // regional: 389.9 + 1.72 % of 22000
  ['marche', 12345.67, 2839.5, 151.85, 98.77], // regional: 1.23 % of 12345.67
  ['marche', 21780.35, 5009.48, 288.24, 174.24], // regional: 184.5 + 1.53 % of 6780.35
  ['marche', 37419.8, 9548.53, 543.54, 299.36], // regional: 383.4 + 1.70 % of 9419.80
  ['marche', 68250.55, 21547.74, 1073.13, 546], // regional: 757.4 + 1.73 % of 18250.55
  ['molise', 12345.67, 2839.5, 250.62, 98.77], // regional: 2.03 % of 12345.67
  ['molise', 21780.35, 5009.48, 455.7, 174.24], // regional: 304.5 + 2.23 % of 6780.35
  ['molise', 37419.8, 9548.53, 936.34, 299.36], // regional: 594.4 + 3.63 % of 9419.80
  ['molise', 68250.55, 21547.74, 2055.49, 546], // regional: 594.4 + 3.63 % of 40250.55
  ['piemonte', 12345.67, 2839.5, 200, 98.77], // regional: 1.62 % of 12345.67
  ['piemonte', 21780.35, 5009.48, 424.71, 174.24], // regional: 243 + 2.68 % of 6780.35
  ['piemonte', 37419.8, 9548.53, 903.2, 327.62], // regional: 591.4 + 3.31 % of 9419.80
  ['piemonte', 68250.55, 21547.74, 1927.34, 685.01], // regional: 1319.6 + 3.33 % of 18250.55
  ['piemonte', 11790, 2711.7, 191, 0], // regional: 1.62 % of 11790
  ['puglia', 12345.67, 2839.5, 164.2, 0], // regional: 1.33 % of 12345.67
  ['puglia', 21780.35, 5009.48, 343.92, 174.24], // regional: 199.5 + 2.13 % of 6780.35
  ['puglia', 37419.8, 9548.53, 780.66, 299.36], // regional: 476.4 + 3.23 % of 9419.80
  ['puglia', 68250.55, 21547.74, 1794.74, 546], // regional: 1187 + 3.33 % of 18250.55
  ['sardegna', 12345.67, 2839.5, 151.85, 81.48], // regional: 1.23 % of 12345.67
  ['sardegna', 21780.35, 5009.48, 267.9, 147.82], // regional: 1.23 % of 21780.35
  ['sardegna', 37419.8, 9548.53, 460.26, 266.07], // regional: 1.23 % of 37419.80
  ['sardegna', 68250.55, 21547.74, 839.48, 510.2], // regional: 1.23 % of 68250.55
  ['sicilia', 12345.67, 2839.5, 151.85, 127.16], // regional: 1.23 % of 12345.67
  ['sicilia', 21780.35, 5009.48, 267.9, 224.34], // regional: 1.23 % of 21780.35
  ['sicilia', 37419.8, 9548.53, 460.26, 385.42], // regional: 1.23 % of 37419.80
  ['sicilia', 68250.55, 21547.74, 839.48, 702.98], // regional: 1.23 % of 68250.55
  ['sicilia', 0.5, 0.12, 0.01, 0.01], // regional: 1.23 % of 0.50
  ['toscana', 12345.67, 2839.5, 175.31, 0], // regional: 1.42 % of 12345.67
  ['toscana', 21780.35, 5009.48, 309.96, 0], // regional: 213 + 1.43 % of 6780.35
  ['toscana', 37419.8, 9548.53, 711.64, 74.84], // regional: 398.9 + 3.32 % of 9419.80
  ['toscana', 68250.55, 21547.74, 1737.04, 136.5], // regional: 1129.3 + 3.33 % of 18250.55
  ['toscana', 25000, 5750, 356, 0], // regional: 213 + 1.43 % of 10000
  ['trento', 12345.67, 2839.5, 0, 0], // regional: nothing taxable
  ['trento', 21780.35, 5009.48, 0, 0], // regional: nothing taxable
  ['trento', 37419.8, 9548.53, 460.26, 0], // regional: 1.23 % of 37419.80
  ['trento', 68250.55, 21547.74, 930.73, 0], // regional: 615 + 1.73 % of 18250.55
  ['trento', 30000, 7100, 0, 0], // regional: nothing taxable
  ['trento', 30000.01, 7100, 369, 0], // regional: 1.23 % of 30000.01
  ['umbria', 12345.67, 2839.5, 151.85, 0], // regional: 1.23 % of 12345.67
  ['umbria', 21780.35, 5009.48, 267.9, 174.24], // regional: 1.23 % of 21780.35
  ['umbria', 37419.8, 9548.53, 796, 299.36], // regional: 652.1 + 3.12 % of 9419.80 - 150
  ['umbria', 68250.55, 21547.74, 1946.24, 546], // regional: 1338.5 + 3.33 % of 18250.55
  ['umbria', 28000, 6440, 344.4, 224], // regional: 1.23 % of 28000
  ['umbria', 28000.01, 6440, 502.1, 224], // regional: 652.1 + 3.12 % of 0.01 - 150
  ['valle-d-aosta', 12345.67, 2839.5, 0, 61.73], // regional: exempt
  ['valle-d-aosta', 21780.35, 5009.48, 267.9, 108.9], // regional: 1.23 % of 21780.35
  ['valle-d-aosta', 37419.8, 9548.53, 460.26, 187.1], // regional: 1.23 % of 37419.80
  ['valle-d-aosta', 68250.55, 21547.74, 839.48, 341.25], // regional: 1.23 % of 68250.55
  ['valle-d-aosta', 15000, 3450, 0, 75], // regional: exempt
  ['valle-d-aosta', 15000.01, 3450, 184.5, 75], // regional: 1.23 % of 15000.01
  ['veneto', 12345.67, 2839.5, 151.85, 98.77], // regional: 1.23 % of 12345.67
  ['veneto', 21780.35, 5009.48, 267.9, 174.24], // regional: 1.23 % of 21780.35
  ['veneto', 37419.8, 9548.53, 460.26, 299.36], // regional: 1.23 % of 37419.80
  ['veneto', 68250.55, 21547.74, 839.48, 546], // regional: 1.23 % of 68250.55
  ['none', 50000, 13700, 0, 0],
  ['none', 28000, 6440, 0, 0],
];

/** Amount, rate in percent, whether the amount includes the tax; then net, IVA and total, in euro. */
export const ivaCases: readonly (readonly [
  amount: number,
  rate: number,
  gross: boolean,
  net: number,
  iva: number,
  total: number,
])[] = [
  [100, 22, false, 100, 22, 122],
  [1234.56, 22, false, 1234.56, 271.6, 1506.16],
  [0.02, 22, false, 0.02, 0, 0.02],
  [999.99, 10, false, 999.99, 100, 1099.99],
  [48.5, 5, false, 48.5, 2.43, 50.93],
  [315.75, 4, false, 315.75, 12.63, 328.38],
  [122, 22, true, 100, 22, 122],
  [1000, 22, true, 819.67, 180.33, 1000],
  [19.9, 10, true, 18.09, 1.81, 19.9],
  [250, 4, true, 240.38, 9.62, 250],
  [77.77, 5, true, 74.07, 3.7, 77.77],
];

/** A property as the platform takes it, and its cadastral value, IMU to the cent and payment in whole euro. */
export interface ImuCase {
  readonly property: {
    readonly category: string;
    readonly rendita: number;
    readonly rate: number;
    readonly share: number;
    readonly months: number;
    readonly mainHome?: true;
    readonly halved?: true;
    readonly agreedRent?: true;
  };
  readonly cadastralValue: number;
  readonly imu: number;
  readonly total: number;
}

const property = (
  category: string,
  rendita: number,
  rate: number,
  rest: Partial<ImuCase['property']> = {},
): ImuCase['property'] => ({ category, rendita, rate, share: 100, months: 12, ...rest });

/** Value = rendita × 1.05 × coefficient; IMU = value × rate × share × months / 12, less 200 euro for a main home. */
export const imuCases: readonly ImuCase[] = [
  { property: property('A/2', 745.34, 0.86), cadastralValue: 125217.12, imu: 1076.87, total: 1077 },
  { property: property('A/3', 512.9, 1.06, { share: 50 }), cadastralValue: 86167.2, imu: 456.69, total: 457 },
  {
    property: property('A/2', 745.34, 0.5, { mainHome: true }),
    cadastralValue: 125217.12,
    imu: 0,
    total: 0,
  },
  {
    property: property('A/1', 2210, 0.5, { mainHome: true }),
    cadastralValue: 371280,
    imu: 1656.4,
    total: 1656,
  },
  {
    property: property('A/8', 3150.75, 0.6, { share: 50, months: 6, mainHome: true }),
    cadastralValue: 529326,
    imu: 743.99,
    total: 744,
  },
  { property: property('A/10', 1480.15, 1.14), cadastralValue: 124332.6, imu: 1417.39, total: 1417 },
  {
    property: property('B/1', 905.6, 0.86, { months: 7 }),
    cadastralValue: 133123.2,
    imu: 667.83,
    total: 668,
  },
  { property: property('C/1', 2033.42, 0.96), cadastralValue: 117430.01, imu: 1127.33, total: 1127 },
  { property: property('C/2', 88.31, 0.86, { halved: true }), cadastralValue: 7418.04, imu: 63.8, total: 64 },
  { property: property('C/3', 640, 0.76, { share: 75 }), cadastralValue: 94080, imu: 536.26, total: 536 },
  { property: property('C/6', 132.73, 0.86, { share: 33 }), cadastralValue: 22298.64, imu: 63.28, total: 63 },
  { property: property('D/1', 10450, 0.86), cadastralValue: 713212.5, imu: 6133.63, total: 6134 },
  { property: property('D/5', 24800.5, 1.06), cadastralValue: 2083242, imu: 22082.37, total: 22082 },
  { property: property('D/10', 1860, 0.1), cadastralValue: 126945, imu: 126.95, total: 127 },
  {
    property: property('A/7', 1022.58, 1.06, { agreedRent: true }),
    cadastralValue: 171793.44,
    imu: 1365.76,
    total: 1366,
  },
  { property: property('A/1', 60, 0.5, { mainHome: true }), cadastralValue: 10080, imu: 0, total: 0 },
];
