export * from './adapter.js'
