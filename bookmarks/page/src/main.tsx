import "./page.css";
import { startTexts } from "barq-web/kit";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { registerWorker } from "./offline/register.ts";
import de from "./texts/de.json";
import en from "./texts/en.json";

startTexts({ en, de });
registerWorker();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
