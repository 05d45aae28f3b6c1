export type { Delivery, DeliveryCounters, FlushResult } from '../delivery/delivery.ts';
export { type ExportResult, LangfuseSpanExporter, type LangfuseSpanExporterOptions } from './span-exporter.ts';
export { LlmSpanProcessor, type LlmSpanProcessorOptions, type WritableSpan } from './span-processor.ts';
export type { ExporterOptions } from './options.ts';
export type { ReadableSpanLike } from './readable-span.ts';
export { deliveries } from './shared-delivery.ts';
