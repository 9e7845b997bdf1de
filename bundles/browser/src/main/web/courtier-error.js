// SPDX-License-Identifier: Apache-2.0

/** Why something came to nothing: `kind` for programs, `message` for people, what the server said in between. */
export class CourtierError extends Error {
  constructor(kind, reasonCode, text, properties = {}) {
    super(text);
    this.name = 'CourtierError';
    this.kind = kind;
    this.reasonCode = reasonCode < 0 ? undefined : reasonCode;
    this.reasonString = properties.reasonString;
    this.serverReference = properties.serverReference;
    this.properties = properties;
  }
}
