"""outside_models - Gemini, and a server that speaks like OpenAI's.

Whatever is asked, the answer is JSON as the schema of the question wants it, filled in without
thought: the first option, the least number, "made_up".
"""
import json


def fill(schema):
    """The plainest value that a JSON Schema allows."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if "anyOf" in schema:
        return fill(next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if "enum" in schema:
        return next(one for one in schema["enum"] if one is not None)
    if kind == "object":
        return {name: fill(one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [fill(schema["items"])]
    if kind in ("integer", "number"):
        return schema.get("minimum", 7)
    if kind == "boolean":
        return True
    if schema.get("format") == "date":
        return "2024-02-29"
    return "made_up"[:schema.get("maxLength", 100)]


def gemini_models():
    return 200, {"models": [
        {"name": f"models/{name}", "displayName": name, "inputTokenLimit": 1048576,
         "supportedGenerationMethods": ["generateContent", "countTokens"]}
        for name in ("gemini-2.5-flash", "gemini-2.5-pro")]}


def gemini(model, sent):
    config = sent.get("generationConfig", {})
    schema = config.get("responseJsonSchema")
    words = len(json.dumps(sent["contents"])) // 4
    text = json.dumps(fill(schema)) if schema else "ok"
    return 200, {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]},
                                 "finishReason": "STOP", "index": 0}],
                 "usageMetadata": {"promptTokenCount": words, "candidatesTokenCount": len(text) // 4,
                                   "totalTokenCount": words + len(text) // 4},
                 "modelVersion": model, "responseId": "made-up"}


def openai_models():
    return 200, {"object": "list", "data": [{"id": "local", "object": "model"}]}


def openai(sent):
    asked = sent.get("response_format", {})
    schema = asked.get("json_schema", {}).get("schema")
    if not schema:
        # Told in words, it is the JSON in what the system says.
        said = sent["messages"][0]["content"]
        at = said.find('{"type"')
        schema = json.JSONDecoder().raw_decode(said[at:])[0] if at >= 0 else None
    text = json.dumps(fill(schema)) if schema else "ok"
    if not asked and schema:
        text = f"Here it is:\n```json\n{text}\n```"
    words = len(json.dumps(sent["messages"])) // 4
    return 200, {"id": "made-up", "object": "chat.completion", "model": sent["model"],
                 "choices": [{"index": 0, "finish_reason": "stop", "message": {
                     "role": "assistant", "content": text, "reasoning": "None was needed."}}],
                 "usage": {"prompt_tokens": words, "completion_tokens": len(text) // 4,
                           "total_tokens": words + len(text) // 4}}
