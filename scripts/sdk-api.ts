import { writeFileSync } from 'node:fs';
import { describeSdk } from './support/sdk-report.ts';

writeFileSync(new URL('../docs/sdk-api.md', import.meta.url), describeSdk());
