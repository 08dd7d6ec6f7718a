from lanling_deploy.cli import main

main()
