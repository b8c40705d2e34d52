import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readSettings } from '../../settings.js';
import { addInstallation, openApp } from '../lib/installation.js';

/** `cdk synth -c settings=<file>`; without one, the example's, so that a synthesis needs nothing. */
const app = openApp();
const path = (app.node.tryGetContext('settings') as string | undefined) ?? '../settings.example.yaml';
const settings = readSettings({ path, content: parse(readFileSync(path, 'utf8')) });
addInstallation({ app, settings });
app.synth();
