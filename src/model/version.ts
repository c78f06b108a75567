// The package's own version.

import { readPackageVersion } from './package-files.ts';

export const packageVersion = readPackageVersion();
