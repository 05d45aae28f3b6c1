// One trace of a shop that asks a model, exported by the OpenTelemetry SDK for Go.
//
//	go run . ENDPOINT gzip|none
package main

import (
	"context"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	ctx := context.Background()
	compression := otlptracehttp.NoCompression
	if os.Args[2] == "gzip" {
		compression = otlptracehttp.GzipCompression
	}
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(os.Args[1]+"/v1/traces"),
		otlptracehttp.WithCompression(compression))
	if err != nil {
		panic(err)
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "go-shop"))))
	tracer := provider.Tracer("shop.instrumentation", trace.WithInstrumentationVersion("1.2.3"))

	ctx, root := tracer.Start(ctx, "GET /", trace.WithSpanKind(trace.SpanKindServer))
	_, chat := tracer.Start(ctx, "chat gpt-4o-mini", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "chat"),
		attribute.String("gen_ai.provider.name", "openai"),
		attribute.String("gen_ai.request.model", "gpt-4o-mini"),
		attribute.Float64("gen_ai.request.temperature", 0.5),
		attribute.StringSlice("gen_ai.request.stop_sequences", []string{"END", "STOP"}),
		attribute.StringSlice("gen_ai.response.finish_reasons", []string{"stop"}),
		attribute.Int("gen_ai.usage.input_tokens", 1000),
		attribute.Int("gen_ai.usage.output_tokens", 100),
		attribute.Int64("shop.big", 1<<53+1),
		attribute.Bool("shop.flag", true),
		attribute.String("shop.name", "Käse 🧀"),
	))
	chat.AddEvent("retry", trace.WithAttributes(attribute.Int("attempt", 1)))
	chat.AddLink(trace.Link{SpanContext: root.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("why", "test")}})
	chat.End()
	_, db := tracer.Start(ctx, "db")
	db.SetStatus(codes.Error, "no connection")
	db.End()
	root.End()
	if err := provider.Shutdown(ctx); err != nil {
		panic(err)
	}
}
