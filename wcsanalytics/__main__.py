from wcsanalytics.cli import main

main()
