/** This package's version; a test compares it to package.json. */
export const VERSION = '0.1.0';
