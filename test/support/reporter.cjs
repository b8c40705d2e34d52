'use strict';
const { writeFileSync } = require('node:fs');
const process = require('node:process');
const { reporters } = require('mocha');

/**
 * Mocha's spec output for people, and the figures as JSON in the file that UNDERSTUDY_TEST_SUMMARY names, with what
 * failed and why.
 */
module.exports = class SummaryReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test, error) => {
      failed.push({ title: test.fullTitle(), reason: error?.stack ?? String(error) });
    });
    runner.once('end', () => {
      const { passes, failures, pending, tests } = this.stats;
      const file = process.env.UNDERSTUDY_TEST_SUMMARY;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending, tests, failed }));
    });
  }
};
