'use strict';
const { writeFileSync } = require('node:fs');
const process = require('node:process');
const { reporters } = require('mocha');

/** Mocha's spec output for people, and the figures as JSON in the file that UNDERSTUDY_TEST_SUMMARY names. */
module.exports = class SummaryReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending, tests } = this.stats;
      const file = process.env.UNDERSTUDY_TEST_SUMMARY;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending, tests }));
    });
  }
};
