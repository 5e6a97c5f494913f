// What `--env-file-if-exists=.env` does, without its remark where there is no such file. What the shell has set stays.
import { existsSync } from 'node:fs';

if (existsSync('.env')) process.loadEnvFile('.env');
