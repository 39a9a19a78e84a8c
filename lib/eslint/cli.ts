#!/usr/bin/env node
import { check } from './check.ts';

// The command `freehold`. An exit code and not process.exit(): what is written has to get out.
process.exitCode = await check(process.argv.slice(2), process.cwd());
